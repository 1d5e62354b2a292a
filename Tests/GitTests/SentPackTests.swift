import Foundation
import HTTP
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// A pack that is too large to be made before it is sent.
@Suite struct SentPackTests {
    /// A store with so many blobs of a MiB that do not shrink, and their ids.
    private func store(_ count: Int, in folder: String) async throws -> (ObjectStore, [PackObject]) {
        let store = try await Cache(at: folder + "/cache").store(for: "https://h.co/spaces/a/b")
        var noise = SystemRandomNumberGenerator()
        var objects: [PackObject] = []
        for _ in 0..<count {
            let bytes = (0..<1 << 17).flatMap { _ in withUnsafeBytes(of: noise.next(), Array.init) }
            objects.append(PackObject(try await store.write(blob: bytes)))
        }
        return (store, objects)
    }

    private func open(_ pack: SentPack) throws -> any BodyReader {
        guard case .stream(nil, let open) = pack.body else { throw CocoaError(.featureUnsupported) }
        return try open()
    }

    /// All that a reader gives, as a connection reads it, and how it ends.
    private func read(_ reader: any BodyReader) async throws -> (bytes: Data, end: BodyRead) {
        var (data, buffer) = (Data(), [UInt8](repeating: 0, count: 1 << 16))
        while true {
            switch buffer.withUnsafeMutableBytes({ reader.read(into: $0) }) {
            case .bytes(let count): data.append(contentsOf: buffer[..<count])
            case .waiting: try await Task.sleep(for: .milliseconds(1))
            case let end: return (data, end)
            }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `is made while it is sent, anew for each attempt, and git takes it`() async throws {
        let folder = try await GitFolder.repository()
        let (store, objects) = try await store(6, in: folder.path)
        let pack = try await store.pack(of: objects, after: Data("head".utf8))
        let first = try open(pack)
        var piece = [UInt8](repeating: 0, count: 1000)
        while piece.withUnsafeMutableBytes({ first.read(into: $0) }) == .waiting {
            try await Task.sleep(for: .milliseconds(1))
        }
        // The connection broke.
        first.close()
        let (bytes, end) = try await read(try open(pack))
        #expect(end == .end && bytes.starts(with: "headPACK".utf8) && bytes.count > 6 << 20)
        #expect(pack.failure == nil && pack.trees.isEmpty)
        try bytes.dropFirst(4).write(to: URL(fileURLWithPath: folder.path + "/sent.pack"))
        try await folder.git("index-pack", "--strict", folder.path + "/sent.pack")
    }

    @Test(.timeLimit(.minutes(10)))
    func `waits for its reader, and ends with it`() async throws {
        let folder = try await GitFolder.repository()
        let (store, objects) = try await store(8, in: folder.path)
        let reader = try open(try await store.pack(of: objects, after: Data()))
        let busy = Task { await store.contains(objects[0].id) }
        // One more read than a pipe holds: the writer is at most that far ahead.
        var (taken, buffer) = (0, [UInt8](repeating: 0, count: 1 << 16))
        while taken < 3 << 20 {
            if case .bytes(let count) = buffer.withUnsafeMutableBytes({ reader.read(into: $0) }) {
                taken += count
            } else {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        reader.close()
        #expect(await busy.value)
        #expect(await store.contains(objects[0].id))
    }

    @Test(.timeLimit(.minutes(10)))
    func `that cannot be made to its end fails, and says why`() async throws {
        let folder = try await GitFolder.repository()
        let (store, objects) = try await store(3, in: folder.path)
        let missing = PackObject(ODB.hash(Array("nowhere".utf8)))
        let pack = try await store.pack(of: objects + [missing], after: Data())
        let end = try await read(try open(pack)).end
        guard case .failed(let words) = end else { return #expect(Bool(false), "\(end)") }
        #expect(words.contains("the pack cannot be made"))
        #expect(pack.failure?.kind == .internalError)
    }

    @Test func `of little is made before it is sent`() async throws {
        let folder = try await GitFolder.repository()
        let store = try await Cache(at: folder.path + "/cache").store(for: "https://h.co/spaces/a/b")
        let blob = try await store.write(blob: Array("small".utf8))
        let pack = try await store.pack(of: [PackObject(blob)], after: Data("head".utf8))
        guard case .bytes(let bytes) = pack.body else { return #expect(Bool(false)) }
        #expect(bytes.starts(with: "headPACK".utf8))
    }
}

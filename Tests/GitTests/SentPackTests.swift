import Foundation
import HTTP
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Tests for packs that are streamed because they are too large to generate in advance.
@Suite struct SentPackTests {
    /// Returns a store with `count` incompressible blobs of 1 MiB, and these blobs.
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

    /// Reads everything as a connection does; returns the bytes and the last read result.
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
    func `a large pack is generated while it is sent, for each attempt, and is valid for git`() async throws {
        let folder = try await GitFolder.repository()
        let (store, objects) = try await store(6, in: folder.path)
        let pack = try await store.pack(of: objects, after: Data("head".utf8))
        let first = try open(pack)
        var piece = [UInt8](repeating: 0, count: 1000)
        while piece.withUnsafeMutableBytes({ first.read(into: $0) }) == .waiting {
            try await Task.sleep(for: .milliseconds(1))
        }
        // Simulates a lost connection.
        first.close()
        let (bytes, end) = try await read(try open(pack))
        #expect(end == .end && bytes.starts(with: "headPACK".utf8) && bytes.count > 6 << 20)
        #expect(pack.failure == nil && pack.trees.isEmpty)
        try bytes.dropFirst(4).write(to: URL(fileURLWithPath: folder.path + "/sent.pack"))
        try await folder.git("index-pack", "--strict", folder.path + "/sent.pack")
    }

    @Test(.timeLimit(.minutes(10)))
    func `pack generation waits for its reader and ends when the reader is closed`() async throws {
        let folder = try await GitFolder.repository()
        let (store, objects) = try await store(8, in: folder.path)
        let reader = try open(try await store.pack(of: objects, after: Data()))
        let busy = Task { await store.contains(objects[0].id) }
        // Reads more than the buffer of the pipe, which limits how far the writer is ahead.
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
    func `a pack with a missing object fails with a reason`() async throws {
        let folder = try await GitFolder.repository()
        let (store, objects) = try await store(3, in: folder.path)
        let missing = PackObject(ODB.hash(Array("nowhere".utf8)))
        let pack = try await store.pack(of: objects + [missing], after: Data())
        let end = try await read(try open(pack)).end
        guard case .failed(let message) = end else { return #expect(Bool(false), "\(end)") }
        #expect(message.contains("the pack cannot be created"))
        #expect(pack.failure?.kind == .internalError)
    }

    @Test func `a small pack is generated before it is sent`() async throws {
        let folder = try await GitFolder.repository()
        let store = try await Cache(at: folder.path + "/cache").store(for: "https://h.co/spaces/a/b")
        let blob = try await store.write(blob: Array("small".utf8))
        let pack = try await store.pack(of: [PackObject(blob)], after: Data("head".utf8))
        guard case .bytes(let bytes) = pack.body else { return #expect(Bool(false)) }
        #expect(bytes.starts(with: "headPACK".utf8))
    }
}

extension ObjectStore {
    /// Returns the pack of a push with these objects.
    nonisolated func pack(
        of objects: [PackObject], after command: Data, isThin: Bool = true
    ) async throws(DeployError) -> SentPack {
        try await SentPack { (pipe) async throws(DeployError) in
            try await self.pack(objects, after: command, into: pipe, isThin: isThin)
        }
    }
}

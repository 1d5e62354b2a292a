import Foundation
import HTTP
import TestSupport
import Testing

@testable import Git

/// Tests that git can read the written packs.
@Suite struct PackWriterTests {
    private func pack(_ objects: [RawObject], after head: String = "") throws -> Data {
        let spooled = SpooledBody(Data(head.utf8))
        var writer = try PackWriter(count: objects.count) { try spooled.write($0) }
        for object in objects { try object.bytes.withUnsafeBytes { try writer.add(object.type, $0) } }
        try writer.finish()
        switch try spooled.body() {
        case .none: return Data()
        case .bytes(let data): return data
        case .stream(let length, let open):
            let stream = try open()
            defer { stream.close() }
            var (data, buffer) = (Data(), [UInt8](repeating: 0, count: 1 << 16))
            while case .bytes(let count) = buffer.withUnsafeMutableBytes({ stream.read(into: $0) }) {
                data.append(contentsOf: buffer[..<count])
            }
            #expect(length == Int64(data.count))
            return data
        }
    }

    /// Sizes in bytes: zero, around each change of the header length, and more than is buffered in memory.
    private static let sizes = [0, 1, 15, 16, 2047, 2048, 70_000, 262_143, 262_144, 9_000_000]

    @Test func `git accepts the pack and finds every object unchanged`() async throws {
        let folder = try await GitFolder.repository(["a.txt": "a\n"])
        var noise = SystemRandomNumberGenerator()
        let blobs = Self.sizes.map { size in
            RawObject(
                type: .blob,
                bytes: size > 1 << 20
                    ? (0..<size / 8).flatMap { _ in withUnsafeBytes(of: noise.next(), Array.init) }
                    : Array(repeating: UInt8(size % 251), count: size))
        }
        let file = folder.path + "/objects.pack"
        try pack(blobs).write(to: URL(fileURLWithPath: file))
        try await folder.git("index-pack", "--strict", file)
        let listed = try await folder.git("verify-pack", "-v", folder.path + "/objects.idx")
        let sizes = listed.split(separator: "\n").compactMap { line -> Int? in
            let words = line.split(separator: " ")
            return words.count > 2 && words[1] == "blob" ? Int(words[2]) : nil
        }
        #expect(sizes.sorted() == Self.sizes)
    }

    @Test func `data written before the pack precedes it`() throws {
        let bytes = try pack([RawObject(type: .blob, bytes: [1, 2])], after: "head")
        #expect(bytes.starts(with: "headPACK\0\0\0\u{2}\0\0\0\u{1}".utf8))
    }
}

import Deploy
import Digest
import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct SpoolTests {
    @Test func `no name leads to what lies there, and it is read back as it came`() async throws {
        let folder = try GitFolder()
        let spool = try Spool(in: folder.path + "/made", for: 10)
        try await spool.append(Data("hello ".utf8))
        try await spool.append(Data("world".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/made") == [])
        let (content, oid) = await spool.finish()
        #expect(oid == SHA256.hash(of: Array("hello world".utf8)).hex)
        #expect(content.size == 11)
        #expect(read(content, at: 6) == "world")
        #expect(read(content, at: 11) == "")
    }

    private func read(_ content: ObjectContent, at offset: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { content.read(at: offset, into: $0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test func `what is begun again forgets what came before`() async throws {
        let folder = try GitFolder()
        let spool = try Spool(in: folder.path, for: 10)
        try await spool.append(Data("something long".utf8))
        await spool.clear()
        try await spool.append(Data("short".utf8))
        let (content, oid) = await spool.finish()
        #expect(content.size == 5 && oid == SHA256.hash(of: Array("short".utf8)).hex)
        #expect(read(content, at: 0) == "short")
    }

    @Test(arguments: [1 << 60, .max - 1, .max])
    func `too small a disk is said before anything is written`(size: Int) throws {
        let folder = try GitFolder()
        let failure = #expect(throws: Failure.self) { try Spool(in: folder.path, for: size) }
        #expect(failure?.kind == .tryLater, "\(String(describing: failure))")
        #expect(failure?.message.contains(folder.path) == true)
        #expect(failure?.message.contains("left") == true && failure?.hint?.contains("cache") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func `the system's own place stands in for one that cannot be written`() async throws {
        let spool = try Spool(in: "/proc/nowhere", for: 5)
        try await spool.append(Data("there".utf8))
        let (content, _) = await spool.finish()
        #expect(read(content, at: 0) == "there")
    }
}

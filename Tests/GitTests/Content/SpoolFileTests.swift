import Digest
import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel
@testable import TextTools

@Suite struct SpoolFileTests {
    @Test func `a spool file has no directory entry and is read back unchanged`() throws {
        let folder = try GitFolder()
        let spool = try SpoolFile(in: folder.path + "/made", for: 10)
        #expect(spool.append(Data("hello ".utf8)))
        #expect(spool.append(Data("world".utf8)))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/made") == [])
        let (oid, content) = (spool.finish(), spool.content)
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

    @Test func `clearing a spool file discards its content`() throws {
        let folder = try GitFolder()
        let spool = try SpoolFile(in: folder.path, for: 10)
        #expect(spool.append(Data("something long".utf8)))
        spool.clear()
        #expect(spool.append(Data("short".utf8)))
        let (oid, content) = (spool.finish(), spool.content)
        #expect(content.size == 5 && oid == SHA256.hash(of: Array("short".utf8)).hex)
        #expect(read(content, at: 0) == "short")
    }

    @Test(arguments: [1 << 60, .max - 1, .max])
    func `too little disk space is reported before anything is written`(size: Int) throws {
        let folder = try GitFolder()
        let failure = #expect(throws: DeployError.self) { try SpoolFile(in: folder.path, for: size) }
        #expect(failure?.kind == .tryLater, "\(String(describing: failure))")
        #expect(failure?.message.contains(folder.path) == true)
        #expect(failure?.message.contains("left") == true && failure?.hint?.contains("cache") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func `after a failed write the error is kept and nothing more is written`() throws {
        let folder = try GitFolder()
        symlink("/dev/full", folder.path + "/full")
        #expect(throws: DeployError.self) { try SpoolFile(over: folder.path + "/full") }
        let full = try SpoolFile(over: "/dev/full")
        #expect(!full.append(Data(count: 5000)) && !full.append(Data(count: 1)))
        #expect(full.failure?.kind == .tryLater, "\(String(describing: full.failure))")
        #expect(full.failure?.message.contains("not enough disk space: /dev has") == true)
        #expect(full.length == 0)
    }

    @Test func `if the directory is not writable, the system's temporary directory is used`() throws {
        let spool = try SpoolFile(in: "/proc/nowhere", for: 5)
        #expect(spool.append(Data("there".utf8)))
        let content = spool.content
        #expect(read(content, at: 0) == "there")
    }
}

import Digest
import Foundation
import TestSupport
import Testing

@testable import Git
@testable import GitLFS
@testable import HTTP
@testable import TextTools

/// What is damaged never leaves whole: the server waits for bytes that do not come.
@Suite struct ContentStreamTests {
    private let folder: GitFolder
    private let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    private var oid: String { SHA256.hash(of: bytes).hex }

    init() throws { folder = try GitFolder() }

    private func content(_ bytes: [UInt8]) throws -> ObjectContent {
        let file = URL(fileURLWithPath: folder.path + "/object")
        try Data(bytes).write(to: file)
        return try ObjectContent(file: file.path)
    }

    /// Reads in pieces of odd sizes until the stream says no more, or that it failed.
    private func drained(_ stream: ContentStream) -> (bytes: [UInt8], failed: Bool) {
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 7777))
        while true {
            switch buffer.withUnsafeMutableBytes({ stream.read(into: $0) }) {
            case .bytes(let count): all += buffer.prefix(count)
            case .end: return (all, false)
            case .failed, .waiting: return (all, true)
            }
        }
    }

    @Test func `what is right leaves to its last byte`() throws {
        let sentinel = ContentVerifier(oid)
        let stream = ContentStream(try content(bytes), 0..<bytes.count, verifier: sentinel) { _ in }
        let (all, failed) = drained(stream)
        #expect(all == bytes && !failed && sentinel.error == nil)
    }

    @Test(arguments: [0, 50_000, 99_999])
    func `with one byte changed its end does not leave`(place: Int) throws {
        var damaged = bytes
        damaged[place] ^= 1
        let sentinel = ContentVerifier(oid)
        let stream = ContentStream(try content(damaged), 0..<bytes.count, verifier: sentinel) { _ in }
        let (all, failed) = drained(stream)
        #expect(all.count < bytes.count && failed)
        #expect(sentinel.error == .damaged(SHA256.hash(of: damaged).hex))
        #expect(drained(stream).failed, "and not when asked again")
    }

    @Test func `what became shorter meanwhile cannot be read, and is said so`() throws {
        let long = try content(bytes)
        truncate(folder.path + "/object", 60_000)
        let sentinel = ContentVerifier(oid)
        let (all, failed) = drained(ContentStream(long, 0..<bytes.count, verifier: sentinel) { _ in })
        #expect(all.count == 60_000 && failed && sentinel.error == .unreadable)
    }

    @Test func `a part is those bytes and no others, and they are counted`() throws {
        let counted = Counted()
        let stream = ContentStream(try content(bytes), 1000..<5000) { counted.add($0) }
        #expect(drained(stream).bytes == Array(bytes[1000..<5000]))
        #expect(counted.sum == 4000)
    }

    private final class Counted: @unchecked Sendable {  // one thread alone reads a stream
        var sum = 0
        func add(_ count: Int) { sum += count }
    }

    @Test func `content that is read beside its upload is judged alike`() async throws {
        let whole = ContentVerifier(oid)
        #expect(await whole.verify(try content(bytes)) && whole.error == nil)
        var damaged = bytes
        damaged[5] ^= 8
        let sentinel = ContentVerifier(oid)
        #expect(await !sentinel.verify(try content(damaged)))
        #expect(sentinel.error == .damaged(SHA256.hash(of: damaged).hex))
    }
}

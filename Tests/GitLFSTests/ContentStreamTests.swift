import Digest
import Foundation
import TestSupport
import Testing

@testable import Git
@testable import GitLFS
@testable import HTTP
@testable import TextTools

/// Tests that corrupt content is never sent completely: the server does not receive its last bytes.
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

    /// Reads in chunks of an odd size until the stream ends or fails.
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

    @Test func `valid content is sent completely`() throws {
        let verifier = ContentVerifier(oid)
        let stream = ContentStream(try content(bytes), 0..<bytes.count, verifier: verifier) { _ in }
        let (all, failed) = drained(stream)
        #expect(all == bytes && !failed && verifier.error == nil)
    }

    @Test(arguments: [0, 50_000, 99_999])
    func `content with one changed byte is not sent completely`(position: Int) throws {
        var damaged = bytes
        damaged[position] ^= 1
        let verifier = ContentVerifier(oid)
        let stream = ContentStream(try content(damaged), 0..<bytes.count, verifier: verifier) { _ in }
        let (all, failed) = drained(stream)
        #expect(all.count < bytes.count && failed)
        #expect(verifier.error == .damaged(SHA256.hash(of: damaged).hex))
        #expect(drained(stream).failed, "and not when asked again")
    }

    @Test func `a file that became shorter in the meantime is reported as unreadable`() throws {
        let long = try content(bytes)
        truncate(folder.path + "/object", 60_000)
        let verifier = ContentVerifier(oid)
        let (all, failed) = drained(ContentStream(long, 0..<bytes.count, verifier: verifier) { _ in })
        #expect(all.count == 60_000 && failed && verifier.error == .unreadable)
    }

    @Test func `a part contains exactly its byte range, and its bytes are counted`() throws {
        let counted = Counted()
        let stream = ContentStream(try content(bytes), 1000..<5000) { counted.add($0) }
        #expect(drained(stream).bytes == Array(bytes[1000..<5000]))
        #expect(counted.sum == 4000)
    }

    private final class Counted: @unchecked Sendable {  // a stream is read by one thread only
        var sum = 0
        func add(_ count: Int) { sum += count }
    }

    @Test func `verifying content without an upload has the same result`() async throws {
        let whole = ContentVerifier(oid)
        #expect(await whole.verify(try content(bytes)) && whole.error == nil)
        var damaged = bytes
        damaged[5] ^= 8
        let verifier = ContentVerifier(oid)
        #expect(await !verifier.verify(try content(damaged)))
        #expect(verifier.error == .damaged(SHA256.hash(of: damaged).hex))
    }
}

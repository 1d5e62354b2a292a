import Digest
import Foundation
import HTTP
import TestSupport
import Testing

@testable import Git
@testable import GitLFS
@testable import SpacesModel
@testable import TextTools

/// Tests for LFS downloads from servers that respond incorrectly.
@Suite struct LFSDownloadTests {
    private let bytes = String(repeating: "content of an object\n", count: 100)

    /// Downloads in ranges of `window` bytes from a server that plays these scripts.
    private func downloaded(_ scripts: [[ScriptedServer.Step]], window: Int = 1 << 20) async throws -> (
        text: String, requests: [String]
    ) {
        let peer = try ScriptedServer(scripts: scripts)
        var options = HTTPClientOptions()
        options.retries = 0
        let server = LFSClient(
            url: peer.url("/x"), client: HTTPClient(options), authorization: nil, meter: nil,
            party: RemoteDescription(role: .source, name: "app", host: "127.0.0.1"))
        let oid = SHA256.hash(of: Array(bytes.utf8)).hex
        let pointer = try #require(LFSPointer(oid: oid, size: bytes.utf8.count))
        let text = #"{"href":"\#(peer.url("/object").absoluteString)"}"#
        let action = try JSONDecoder().decode(LFSBatch.Action.self, from: Data(text.utf8))
        let folder = try GitFolder()
        let spool = try SpoolFile(in: folder.path, for: pointer.size)
        try await LFSDownload(server: server, pointer: pointer, window: window).run(
            LFSAction(action: action, verify: nil, isAuthenticated: true), into: spool)
        var read = [UInt8](repeating: 0, count: pointer.size + 1)
        let count = read.withUnsafeMutableBytes { spool.content.read(at: 0, into: $0) }
        return (String(decoding: read.prefix(count), as: UTF8.self), peer.connections)
    }

    private func range(_ part: Range<Int>) -> ScriptedServer.Step {
        let text = String(bytes.dropFirst(part.lowerBound).prefix(part.count))
        return answer(
            "206 Partial Content",
            ["Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes.utf8.count)"], text)
    }

    /// Returns a response that declares the full length and sends `count` characters.
    private func cut(after count: Int) -> ScriptedServer.Step {
        .send("HTTP/1.1 200 OK\r\nContent-Length: \(bytes.utf8.count)\r\n\r\n" + bytes.prefix(count))
    }

    @Test func `an object is downloaded in ranges`() async throws {
        let got = try await downloaded(
            [
                [.request, range(0..<1000), .close], [.request, range(1000..<2000), .close],
                [.request, range(2000..<2100), .close],
            ], window: 1000)
        #expect(got.text == bytes && got.requests.count == 3)
        #expect(got.requests.last?.contains("bytes=2000-2099") == true)
    }

    @Test func `a server without range support sends the whole object`() async throws {
        let got = try await downloaded([[.request, answer("200 OK", [], bytes), .close]], window: 1000)
        #expect(got.text == bytes && got.requests.count == 1)
    }

    @Test func `an interrupted download from a server without range support starts again`() async throws {
        let whole = [ScriptedServer.Step.request, answer("200 OK", [], bytes), .close]
        let got = try await downloaded([[.request, cut(after: 900), .close], whole, whole])
        #expect(got.text == bytes)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a server without range support that always breaks off is a temporary error`() async throws {
        let failure = await #expect(throws: DeployError.self) {
            try await downloaded([[.request, cut(after: 900), .close]])
        }
        #expect(failure?.kind == .tryLater, "\(String(describing: failure))")
    }

    @Test func `an object larger than its pointer states is an error`() async throws {
        let failure = await #expect(throws: DeployError.self) {
            try await downloaded([[.request, answer("200 OK", [], bytes + "more"), .close]])
        }
        #expect(failure?.kind == .source && failure?.message.contains("more") == true)
    }

    @Test func `an empty response is a temporary error`() async throws {
        let failure = await #expect(throws: DeployError.self) {
            try await downloaded([[.request, answer("206 Partial Content", [], ""), .close]])
        }
        #expect(failure?.kind == .tryLater)
    }
}

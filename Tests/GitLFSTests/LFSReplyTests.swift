import Digest
import Foundation
import HTTP
import TestSupport
import Testing

@testable import Git
@testable import GitLFS
@testable import SpacesModel
@testable import TextTools

/// Tests for malformed responses of an LFS server (LFS Batch API).
@Suite struct LFSReplyTests {
    private let bytes = Array("some content of an object\n".utf8)
    private var oid: String { SHA256.hash(of: bytes).hex }
    private func pointer() throws -> LFSPointer { try #require(LFSPointer(oid: oid, size: bytes.count)) }

    private func server(at url: URL, _ role: RemoteDescription.Role = .space) -> LFSClient {
        var options = HTTPClientOptions()
        options.retries = 0
        return LFSClient(
            url: url, client: HTTPClient(options), authorization: nil, meter: nil,
            party: RemoteDescription(role: role, name: "me/app", host: "127.0.0.1"))
    }

    /// Returns the parsed response to a batch request.
    private func batch(_ reply: String, _ operation: LFSBatch.Operation = .upload) async throws -> [String:
        LFSObjectResponse]
    {
        let peer = try ScriptedServer([.request, answer("200 OK", [], reply), .close])
        return try await server(at: peer.url("/x")).requestBatch(operation, [pointer()])
    }

    private func results(of objects: String, _ operation: LFSBatch.Operation = .upload) async throws
        -> LFSObjectResponse?
    {
        try await batch(#"{"objects":[\#(objects)]}"#, operation)[oid]
    }

    @Test(arguments: [#"{}"#, #"{"objects":null}"#, #"{"objects":[]}"#, #"{"objects":[{"oid":"other"}]}"#])
    func `an object missing from the response has no result`(reply: String) async throws {
        #expect(try await batch(reply)[oid] == nil)
    }

    @Test(arguments: ["<html>Log in</html>", "", "[]", #"{"objects":7}"#, #"{"objects":"none"}"#])
    func `a response that is not a batch is a temporary error`(reply: String) async throws {
        let failure = await #expect(throws: DeployError.self) { try await batch(reply) }
        #expect(failure?.kind == .tryLater && failure?.message.contains("Log in") == false)
    }

    @Test func `a batch over a limit is an error that states the limit`() async throws {
        let deep = #"{"objects":"# + String(repeating: "[", count: 100)
        let failure = await #expect(throws: DeployError.self) { try await batch(deep) }
        #expect(failure?.kind == .tryLater)
        #expect(failure?.message.hasSuffix("it has more than 64 levels") == true)
        let many = #"{"objects":["# + String(repeating: "[],", count: 1_000_000) + "[]]}"
        let other = await #expect(throws: DeployError.self) { try await batch(many) }
        #expect(other?.message.hasSuffix("it has more than 1000000 values") == true)
    }

    @Test func `an object without actions is present for uploads, refused for downloads`() async throws {
        let object = #"{"oid":"\#(oid)","size":5}"#
        guard case .present? = try await results(of: object) else {
            Issue.record("it should count as there")
            return
        }
        guard case .refused? = try await results(of: object, .download) else {
            Issue.record("a download without a link is none")
            return
        }
    }

    @Test(arguments: [
        (#""error":{"code":404,"message":"not here"}"#, "404 not here"),
        (#""error":{"code":"507","message":"full"}"#, "507 full"),
        (#""error":{"message":"no"}"#, "no"),
        (#""error":{"code":422},"actions":{"upload":{"href":"http://127.0.0.1/x"}}"#, "422"),
    ])
    func `an object's error has the server's message`(field: String, words: String) async throws {
        guard case .refused(let refusal)? = try await results(of: #"{"oid":"\#(oid)",\#(field)}"#) else {
            Issue.record("it should be refused")
            return
        }
        #expect(refusal.description == words)
    }

    @Test(arguments: [
        #""actions":{"upload":{}}"#, #""actions":{"upload":{"href":5}}"#, #""actions":"none""#,
        #""actions":{"upload":{"header":{"a":"b"}}}"#, #""error":"gone""#,
    ])
    func `an invalid object does not affect other objects`(field: String) async throws {
        let other = String(repeating: "ab", count: 32)
        let reply = #"{"objects":[{"oid":"\#(oid)",\#(field)},{"oid":"\#(other)"}]}"#
        let results = try await batch(reply)
        guard case .refused? = results[oid] else {
            Issue.record("it should be refused: \(results)")
            return
        }
        guard case .present? = results[other] else {
            Issue.record("the other is there: \(results)")
            return
        }
    }

    @Test func `header fields may be numbers, and sizes may be strings`() async throws {
        let object = #"""
            {"oid":"\#(oid)","size":"26","authenticated":true,"actions":{"upload":{"href":"http://127.0.0.1/x",
             "expires_in":"900","header":{"chunk_size":10,"1":"http://127.0.0.1/1","x-count":7,"x-null":null}}}}
            """#
        guard case .action(let link)? = try await results(of: object) else {
            Issue.record("there is a link")
            return
        }
        #expect(link.partSize == 10 && link.parts == ["http://127.0.0.1/1"] && link.isAuthenticated)
    }

    @Test(arguments: [("0", nil), ("-5", nil), ("many", nil), ("5", 5), ("05", 5)] as [(String, Int?)])
    func `an invalid part size is ignored`(text: String, size: Int?) async throws {
        let action = #"{"href":"http://127.0.0.1/x","header":{"chunk_size":"\#(text)"}}"#
        let object = #"{"oid":"\#(oid)","actions":{"upload":\#(action)}}"#
        guard case .action(let link)? = try await results(of: object) else {
            Issue.record("there is a link")
            return
        }
        #expect(link.partSize == size)
    }

    /// Uploads the object with this action in JSON, in which `URL` stands for the server.
    private func upload(_ action: String, to peer: ScriptedServer) async throws {
        let text = action.replacingOccurrences(of: "URL", with: peer.url("").absoluteString)
        let decoded = try JSONDecoder().decode(LFSBatch.Action.self, from: Data(text.utf8))
        let folder = try GitFolder()
        try folder.write(String(decoding: bytes, as: UTF8.self), to: "object")
        let progress = LFSProgress([try pointer()]) { _ in }
        let upload = LFSUpload(
            server: server(at: peer.url("/x")), pointer: try pointer(),
            content: try ObjectContent(file: folder.path + "/object"), verifier: ContentVerifier(oid),
            progress: LFSObjectProgress(progress), maxConcurrentParts: 2)
        try await upload.run(LFSAction(action: decoded, verify: nil, isAuthenticated: true))
    }

    @Test(arguments: [
        #"{"href":"URL/done","header":{"chunk_size":"10"}}"#,
        #"{"href":"URL/done","header":{"chunk_size":"10","1":"URL/1","2":"URL/2"}}"#,
        #"{"href":"URL/done","header":{"chunk_size":"1","1":"URL/1"}}"#,
        #"{"href":"URL/done","header":{"chunk_size":"26","1":"URL/1","2":"URL/2"}}"#,
    ])
    func `a wrong number of parts is an error, and no part is sent`(action: String) async throws {
        let peer = try ScriptedServer([.request, answer("200 OK", ["ETag: \"x\""]), .close])
        let failure = await #expect(throws: DeployError.self) { try await upload(action, to: peer) }
        #expect(failure?.kind == .tryLater && failure?.message.contains("parts") == true)
        #expect(peer.connections.isEmpty)
    }

    @Test func `a part without an ETag is an error`() async throws {
        let peer = try ScriptedServer([.request, answer("200 OK"), .close])
        let action = #"{"href":"URL/done","header":{"chunk_size":"26","1":"URL/1"}}"#
        let failure = await #expect(throws: DeployError.self) { try await upload(action, to: peer) }
        #expect(failure?.message.contains("ETag") == true)
        #expect(!peer.connections.contains { $0.contains("/done") })
    }

    @Test(arguments: [
        "http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "/x", "", "https://",
        "javascript:1",
    ])
    func `an address that is not https is not contacted`(href: String) async throws {
        let peer = try ScriptedServer([.request, answer("200 OK"), .close])
        let failure = await #expect(throws: DeployError.self) {
            try await upload(#"{"href":"\#(href)"}"#, to: peer)
        }
        #expect(failure?.kind == .refused && failure?.message.contains("https") == true)
    }

    @Test func `header fields that frame the body are ignored, other header fields are sent`() async throws {
        let peer = try ScriptedServer([.request, answer("200 OK"), .close])
        try await upload(
            #"""
            {"href":"URL/put","header":{"Transfer-Encoding":"chunked","Content-Length":"1","Host":"evil",
             "Connection":"x","X-Good":"yes","X-Bad":"a\r\nb: c","Content-Type":"image/png"}}
            """#, to: peer)
        let sent = try #require(peer.connections.first).lowercased()
        #expect(sent.contains("x-good: yes\r\n") && sent.contains("content-type: image/png\r\n"))
        #expect(sent.contains("content-length: 26\r\n") && !sent.contains("chunked"))
        #expect(!sent.contains("evil") && !sent.contains("x-bad") && !sent.contains("authorization"))
    }
}

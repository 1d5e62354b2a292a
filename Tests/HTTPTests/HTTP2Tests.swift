import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Tests of HTTP/2 with nginx as the server.
@Suite(
    .enabled(if: Peer.nginx.isWanted, Comment(rawValue: Peer.nginx.word)),
    .enabled(if: Peer.openssl.isWanted, Comment(rawValue: Peer.openssl.word)))
struct HTTP2Tests {
    private func client(_ front: TLSFront) -> HTTPClient {
        var options = HTTPClientOptions()
        (options.retries, options.idleTimeout, options.connectionsPerHost) = (0, .seconds(10), 20)
        options.network = NetworkSettings(environment: ["SSL_CERT_FILE": front.authority])
        return HTTPClient(options)
    }

    private func url(_ front: TLSFront, _ path: String = "/") throws -> URL {
        try #require(URL(string: "https://localhost:\(front.port)\(path)"))
    }

    @Test(arguments: [true, false])
    func `concurrent requests share one connection if the server offers HTTP/2`(_ isHTTP2: Bool)
        async throws
    {
        let server = try ScriptedServer([.request, .pause(.milliseconds(200)), answer("200 OK", [], "ok")])
        let front = try await TLSFront.start(before: "127.0.0.1:\(server.port)", isHTTP2: isHTTP2)
        let (client, url) = (client(front), try url(front))
        let responses = try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
            for _ in 0..<10 { group.addTask { try await client.send(HTTPClientRequest("GET", url)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(responses.allSatisfy { $0.text == "ok" })
        let protocols = Set(responses.compactMap { $0.headers["X-Protocol"] })
        let connections = Set(responses.compactMap { $0.headers["X-Connection"] })
        #expect(protocols == [isHTTP2 ? "HTTP/2.0" : "HTTP/1.1"])
        #expect(isHTTP2 ? connections.count == 1 : connections.count > 1, "\(connections)")
    }

    @Test func `an unread stream does not block the other streams of its connection`() async throws {
        let flood = try ScriptedServer([
            .request, .send("HTTP/1.1 200 OK\r\n\r\n"), .flood(String(repeating: "x", count: 10_000)),
        ])
        let server = try ScriptedServer([.request, answer("200 OK", [], "ok")])
        let front = try await TLSFront.start(
            before: "127.0.0.1:\(server.port)", flood: "127.0.0.1:\(flood.port)", isHTTP2: true)
        let client = client(front)
        var request = HTTPClientRequest("GET", try url(front, "/flood"), responseLimit: .max)
        request.isEndless = true
        let unread = try await client.stream(request)
        try await Task.sleep(for: .seconds(1))
        let sent = flood.bytesFlooded
        for _ in 0..<20 {
            let response = try await client.send(HTTPClientRequest("GET", try url(front)))
            #expect(response.text == "ok")
            #expect(response.headers["X-Protocol"] == "HTTP/2.0")
        }
        #expect(flood.bytesFlooded - sent < 40 << 20, "it waits")
        var (read, pieces) = (0, unread.chunks.makeAsyncIterator())
        while read < 30 << 20, let piece = try await pieces.next() { read += piece.count }
        #expect(read >= 30 << 20, "and goes on when it is read")
    }

    @Test func `uploads and refusals work over HTTP/2`() async throws {
        let server = try ScriptedServer(
            [.request, answer("200 OK", [], "taken")], [.head, answer("403 Forbidden", [], "no"), .hang])
        let front = try await TLSFront.start(before: "127.0.0.1:\(server.port)", isHTTP2: true)
        let client = client(front)
        let body = HTTPClientRequest.Body.bytes(Data(count: 3_000_000))
        #expect(try await client.send(HTTPClientRequest("PUT", try url(front), body: body)).text == "taken")
        let refused = try await client.send(HTTPClientRequest("PUT", try url(front), body: body))
        #expect((refused.status, refused.text) == (403, "no"))
    }
}

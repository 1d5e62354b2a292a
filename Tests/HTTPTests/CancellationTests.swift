import Foundation
import HTTP
import TestSupport
import Testing

/// Tests that a cancellation at any time does not crash the process.
@Suite struct CancellationTests {
    private static func makeServer() throws -> ScriptedServer {
        let piece = ScriptedServer.Step.send("5\r\nhello\r\n")
        let head = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        return try ScriptedServer([
            .request, answer("302 Found", ["Location: /x"], "moved"), .request, answer("200 OK", [], "ok"),
            .request, head, piece, .pause(.milliseconds(2)), piece, .close,
        ])
    }

    private enum Kind: CaseIterable { case get, bytes, stream, chunks }

    private static func make(_ kind: Kind, _ client: HTTPClient, _ url: URL) async throws {
        let data = Data(count: 50_000)
        let body = HTTPClientRequest.Body.stream(length: 50_000, open: { DataReader(data) })
        switch kind {
        case .get: _ = try await client.send(HTTPClientRequest("GET", url))
        case .bytes: _ = try await client.send(HTTPClientRequest("POST", url, body: .bytes(data)))
        case .stream: _ = try await client.send(HTTPClientRequest("PUT", url, body: body, isRepeatable: true))
        case .chunks:
            for try await _ in try await client.stream(HTTPClientRequest("GET", url)).chunks { break }
        }
    }

    @Test(arguments: 0..<8) func `exchanges of every kind can be cancelled at any time`(_ seed: Int)
        async throws
    {
        let server = try Self.makeServer()
        var options = HTTPClientOptions()
        options.retries = 0
        let client = HTTPClient(options)
        for round in 0..<40 {
            let kind = Kind.allCases[(seed + round) % Kind.allCases.count]
            let task = Task { [url = server.url()] in try await Self.make(kind, client, url) }
            try await Task.sleep(for: .microseconds((seed * 397 + round * 113) % 3_000))
            task.cancel()
            let failure = await task.result
            if case .failure(let error) = failure { #expect(error is HTTPError) }
        }
    }
}

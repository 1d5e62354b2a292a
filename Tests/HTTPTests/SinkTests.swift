import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTP

/// Tests of response bodies that are passed to a sink.
struct SinkTests {
    /// A sink that collects the bytes it receives.
    private final class Bucket: Sendable {
        private let content = Mutex(Data())
        var text: String { content.withLock { String(decoding: $0, as: UTF8.self) } }

        func append(_ bytes: Data) -> Int {
            content.withLock { content in
                content.append(bytes)
                return content.count
            }
        }
    }

    private func request(_ server: ScriptedServer, _ bucket: Bucket, upTo limit: Int = .max)
        -> HTTPClientRequest
    {
        var request = HTTPClientRequest("GET", server.url(), isRepeatable: false)
        request.sink = { _, bytes in bucket.append(bytes) <= limit }
        return request
    }

    @Test func `the body of a success goes to the sink, and the response body is empty`() async throws {
        let server = try ScriptedServer([.request, .send("HTTP/1.1 206 P\r\nContent-Length: 5\r\n\r\nhello")])
        let bucket = Bucket()
        let response = try await HTTPClient().send(request(server, bucket))
        #expect(response.status == 206 && response.body.isEmpty)
        #expect(bucket.text == "hello")
    }

    @Test func `the body of an error response does not go to the sink`() async throws {
        let server = try ScriptedServer([.request, .send("HTTP/1.1 403 F\r\nContent-Length: 2\r\n\r\nno")])
        let bucket = Bucket()
        let response = try await HTTPClient().send(request(server, bucket))
        #expect(response.status == 403 && response.text == "no")
        #expect(bucket.text.isEmpty)
    }

    @Test func `a sink that is full ends the exchange`() async throws {
        let server = try ScriptedServer([
            .request, .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"), .hang,
        ])
        let bucket = Bucket()
        await #expect(throws: HTTPError.cancelled) {
            try await HTTPClient().send(request(server, bucket, upTo: 5))
        }
        #expect(bucket.text == "0123456789")
    }

    @Test func `a futile request is not retried`() async throws {
        let server = try ScriptedServer([.head, .reset])
        var request = HTTPClientRequest(
            "PUT", server.url(), body: .bytes(Data("x".utf8)), isRepeatable: true)
        request.isFutile = { true }
        await #expect(throws: HTTPError.self) { try await HTTPClient().send(request) }
        #expect(server.connections.count == 1)
    }
}

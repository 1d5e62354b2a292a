import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTP

/// Bodies that go to a sink instead of to a reader.
struct SinkTests {
    /// What a sink was given.
    private final class Bucket: Sendable {
        private let content = Mutex(Data())
        var text: String { content.withLock { String(decoding: $0, as: UTF8.self) } }

        func take(_ bytes: Data) -> Int {
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
        request.sink = { _, bytes in bucket.take(bytes) <= limit }
        return request
    }

    @Test func `a success goes to the sink, and the answer is empty`() async throws {
        let server = try ScriptedServer([.request, .send("HTTP/1.1 206 P\r\nContent-Length: 5\r\n\r\nhello")])
        let bucket = Bucket()
        let answer = try await HTTPClient().send(request(server, bucket))
        #expect(answer.status == 206 && answer.body.isEmpty)
        #expect(bucket.text == "hello")
    }

    @Test func `a refusal goes to the reader`() async throws {
        let server = try ScriptedServer([.request, .send("HTTP/1.1 403 F\r\nContent-Length: 2\r\n\r\nno")])
        let bucket = Bucket()
        let answer = try await HTTPClient().send(request(server, bucket))
        #expect(answer.status == 403 && answer.text == "no")
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

    @Test func `a body of no use is not sent again`() async throws {
        let server = try ScriptedServer([.head, .reset])
        var request = HTTPClientRequest(
            "PUT", server.url(), body: .bytes(Data("x".utf8)), isRepeatable: true)
        request.isFutile = { true }
        await #expect(throws: HTTPError.self) { try await HTTPClient().send(request) }
        #expect(server.connections.count == 1)
    }
}

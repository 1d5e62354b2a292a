import Foundation
import Synchronization
import TestSupport
import Testing
import TextTools

@testable import HTTP

@Suite struct RetryTests {
    private let clock = EagerClock()

    /// - Parameter connections: the connections per host. A number that no other client uses gives
    ///   the client its own connection pool, so that other tests don't evict its connections.
    private func client(retries: Int = 5, connections: Int = 6) -> HTTPClient {
        var options = HTTPClientOptions()
        options.connectionsPerHost = connections
        (options.clock, options.retries) = (clock, retries)
        return HTTPClient(options)
    }

    @Test(arguments: ["408 Slow", "429 Too Many", "500 Oops", "502 Bad", "503 Busy", "504 Late"])
    func `a repeatable request is retried after a temporary error`(_ status: String) async throws {
        let server = try ScriptedServer([.request, answer(status, [], "no")], [.request, answer("200 OK")])
        let meter = TrafficCounter()
        let response = try await client().send(HTTPClientRequest("GET", server.url()), meter: meter)
        #expect(response.status == 200)
        #expect(meter.requests == 2)
        #expect(clock.waits.count == 1)
    }

    @Test func `a request that is not repeatable is not retried`() async throws {
        let server = try ScriptedServer([.request, answer("503 Busy")])
        let response = try await client().send(
            HTTPClientRequest("POST", server.url(), body: .bytes(Data("x".utf8))))
        #expect(response.status == 503)
        #expect(clock.waits.isEmpty)
    }

    @Test func `the last response is returned when all retries fail`() async throws {
        let server = try ScriptedServer([.request, answer("503 Busy", ["Connection: close"], "still busy")])
        let meter = TrafficCounter()
        let response = try await client(retries: 3).send(HTTPClientRequest("GET", server.url()), meter: meter)
        #expect(response.status == 503)
        #expect(response.text == "still busy")
        #expect(meter.requests == 4)
        #expect(clock.waits.count == 3)
    }

    @Test func `a retry waits for Retry-After`() async throws {
        let server = try ScriptedServer(
            [.request, answer("429 Too Many", ["Retry-After: 17"])], [.request, answer("200 OK")])
        #expect(try await client().send(HTTPClientRequest("GET", server.url())).status == 200)
        #expect(clock.waits == [.seconds(17)])
    }

    @Test func `a retry waits until an exhausted rate limit resets`() async throws {
        let limit = "RateLimit: \"api\";r=0;t=41"
        let server = try ScriptedServer(
            [.request, answer("429 Too Many", [limit, "Retry-After: 1"])], [.request, answer("200 OK")])
        #expect(try await client().send(HTTPClientRequest("GET", server.url())).status == 200)
        #expect(clock.waits == [.seconds(42)])
    }

    @Test func `a rate limit with requests left does not affect the delay`() {
        let headers: HTTPFields = ["RateLimit": "\"api\";r=12;t=41", "Retry-After": "3"]
        #expect(RetryPolicy.requestedDelay(by: headers, status: 429) == .seconds(3))
    }

    @Test func `Retry-After can be a date`() throws {
        let now = try #require(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT"))
        let headers: HTTPFields = ["Retry-After": "Sun, 06 Nov 1994 08:50:07 GMT"]
        #expect(RetryPolicy.requestedDelay(by: headers, status: 503, now: now) == .seconds(30))
        #expect(RetryPolicy.requestedDelay(by: ["Retry-After": "soon"], status: 503, now: now) == nil)
    }

    @Test func `a delay of over five minutes is not retried`() async throws {
        let server = try ScriptedServer([.request, answer("429 Too Many", ["Retry-After: 3600"])])
        #expect(try await client().send(HTTPClientRequest("GET", server.url())).status == 429)
        #expect(clock.waits.isEmpty)
    }

    @Test func `a retry is reported with its reason and without the query`() async throws {
        let heard = Heard()
        let server = try ScriptedServer([.request, answer("502 Bad")], [.request, answer("200 OK")])
        var options = HTTPClientOptions()
        (options.clock, options.onRetry) = (clock, { heard.add($0) })
        _ = try await HTTPClient(options).send(HTTPClientRequest("GET", server.url("/a?signature=x")))
        let retry = try #require(heard.all.first)
        #expect(retry.requestSummary == "GET 127.0.0.1:\(server.port)/a")
        #expect((retry.attempt, retry.reason) == (2, "status 502"))
        #expect(retry.wait >= .milliseconds(750) && retry.wait <= .seconds(1))
    }

    @Test func `a request is retried after its connection breaks`() async throws {
        let server = try ScriptedServer([.request, .reset], [.request, answer("200 OK")])
        #expect(try await client().send(HTTPClientRequest("GET", server.url())).status == 200)
    }

    @Test func `a truncated response is requested again from its start`() async throws {
        let cut = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        let server = try ScriptedServer([.request, cut, .close], [.request, answer("200 OK", [], "whole")])
        #expect(try await client().send(HTTPClientRequest("GET", server.url())).text == "whole")
    }

    @Test func `a request that never reached the server is retried twice, even if it is not repeatable`()
        async throws
    {
        let closedPort = try ReservedPort()
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await client().send(
                HTTPClientRequest("POST", closedPort.url, body: .bytes(Data("x".utf8))))
        }
        guard case .unreachable = failure else { throw failure ?? .cancelled }
        withExtendedLifetime(closedPort) {}
        #expect(clock.waits.count == 2)
    }

    @Test func `a request with a body is not retried if its reused connection breaks`() async throws {
        let server = try ScriptedServer(
            [.request, answer("200 OK"), .request, .close], [.request, answer("200 OK")])
        let client = client(connections: 11)
        _ = try await client.send(HTTPClientRequest("GET", server.url()))
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await client.send(
                HTTPClientRequest("POST", server.url(), body: .bytes(Data("once".utf8))))
        }
        guard case .broken = failure else { throw failure ?? .cancelled }
        #expect(!server.connections.dropFirst().contains { $0.contains("once") })
    }

    @Test func `a repeatable request with a body is retried if its reused connection breaks`() async throws {
        let server = try ScriptedServer(
            [.request, answer("200 OK"), .request, .close], [.request, answer("200 OK")])
        let client = client(connections: 12)
        _ = try await client.send(HTTPClientRequest("GET", server.url()))
        let request = HTTPClientRequest(
            "POST", server.url(), body: .bytes(Data("again".utf8)), isRepeatable: true)
        #expect(try await client.send(request).status == 200)
        #expect(clock.waits.count == 1)
    }
}

final class Heard: Sendable {
    private let retries = Mutex<[Retry]>([])
    var all: [Retry] { retries.withLock { $0 } }
    func add(_ retry: Retry) { retries.withLock { $0.append(retry) } }
}

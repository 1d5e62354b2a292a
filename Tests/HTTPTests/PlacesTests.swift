import Foundation
import TestSupport
import Testing

@testable import HTTP

struct PlacesTests {
    /// The test runs in a child process: next to many tests, the server could be late by more than
    /// the limit.
    @Test func `waiting for a connection does not count towards the idle limit`() async throws {
        #expect(try await ChildTest.output(of: "waits for the only connection") == "200 200")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `waits for the only connection`() async throws {
        // The first request occupies the only connection for longer than the idle limit of the second.
        let slow: [ScriptedServer.Step] = [
            .request, .pause(.seconds(1)), answer("200 OK"), .request, answer("200 OK"),
        ]
        let server = try ScriptedServer(slow)
        var options = HTTPClientOptions()
        (options.connectionsPerHost, options.retries) = (1, 0)
        let client = HTTPClient(options)
        async let first = client.send(HTTPClientRequest("GET", server.url("/first")))
        #expect(await eventually { server.connections.first?.contains("/first") == true })
        var request = HTTPClientRequest("GET", server.url("/second"))
        request.idleLimit = .milliseconds(500)
        let second = try await client.send(request).status
        ChildTest.answer("\(try await first.status) \(second)")
    }

    @Test func `a semaphore slot goes to the next waiting task, and a cancelled task takes none`()
        async throws
    {
        let semaphore = OriginSemaphore(1)
        let origin = try #require(URL(string: "http://127.0.0.1:9").flatMap { Origin($0) })
        #expect(await semaphore.acquire(origin))
        let waiting = Task { await semaphore.acquire(origin) }
        let cancelled = Task { await semaphore.acquire(origin) }
        cancelled.cancel()
        #expect(await cancelled.value == false)
        semaphore.release(origin)
        #expect(await waiting.value)
        semaphore.release(origin)
        #expect(await semaphore.acquire(origin))
    }
}

import Foundation
import TestSupport
import Testing

@testable import HTTP

struct PlacesTests {
    /// In a process of its own: where many tests run, a server may be late by more than the limit.
    @Test func `who waits for a connection is not taken for silent`() async throws {
        #expect(try await ChildTest.output(of: "waits for the only connection") == "200 200")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `waits for the only connection`() async throws {
        // The first holds the only connection for longer than the limit that counts for the second.
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

    @Test func `a place is given on in order, and a cancelled wait takes none`() async throws {
        let places = OriginSemaphore(1)
        let origin = try #require(URL(string: "http://127.0.0.1:9").flatMap { Origin($0) })
        #expect(await places.acquire(origin))
        let given = Task { await places.acquire(origin) }
        let cancelled = Task { await places.acquire(origin) }
        cancelled.cancel()
        #expect(await cancelled.value == false)
        places.release(origin)
        #expect(await given.value)
        places.release(origin)
        #expect(await places.acquire(origin))
    }
}

import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct WarmTests {
    @Test func `a long wait goes over a connection that has been through an exchange`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let server = try ScriptedServer([.request, answer("200 OK"), .request, .send(head), .hang])
        let client = Client(connections: 21)
        var request = Request("GET", server.url("/logs"))
        request.warmUp = server.url("/small")
        let streamed = try await client.stream(request)
        #expect(streamed.status == 200)
        #expect(server.connections.count == 1)
        #expect(server.connections[0].contains("GET /small HTTP/1.1"))
        withExtendedLifetime(streamed) {}
    }

    /// In a process of its own: warmth passes within seconds, which a busy test run may take.
    @Test func `a connection that is warm already is not warmed again`() async throws {
        let counts = try await ChildTest.output(of: "counts what a warm connection takes")
        #expect(counts == "1 request, 1 connection")
    }

    @Test(.enabled(if: ChildTest.isRunning))
    func `counts what a warm connection takes`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let server = try ScriptedServer([.request, answer("200 OK"), .request, .send(head), .hang])
        let client = Client(connections: 22)
        _ = try await client.send(Request("GET", server.url("/first")))
        var request = Request("GET", server.url("/logs"))
        request.warmUp = server.url("/small")
        let meter = Meter()
        let streamed = try await client.stream(request, meter: meter)
        ChildTest.answer("\(meter.requests) request, \(server.connections.count) connection")
        withExtendedLifetime(streamed) {}
    }

    /// In a process of its own: others' work would be counted too.
    @Test func `an idle stream does not spin`() async throws {
        let seconds = try await ChildTest.output(of: "measures the processor time of an idle stream")
        #expect(try #require(Double(seconds)) < 0.5)
    }

    @Test(.enabled(if: ChildTest.isRunning))
    func `measures the processor time of an idle stream`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        let server = try ScriptedServer([.request, answer("200 OK"), .request, .send(head), .hang])
        var request = Request("GET", server.url("/logs"))
        request.warmUp = server.url("/small")
        let streamed = try await Client().stream(request)
        var chunks = streamed.chunks.makeAsyncIterator()
        _ = try await chunks.next()
        let before = ProcessorTime.used
        try await Task.sleep(for: .seconds(2))
        ChildTest.answer("\(ProcessorTime.used - before)")
    }
}

extension Client {
    /// A client with a session of its own: kept connections of other tests do not push out its own.
    convenience init(connections: Int) {
        var options = ClientOptions()
        options.connectionsPerHost = connections
        self.init(options)
    }
}

enum ProcessorTime {
    /// Seconds of processor time of this process so far.
    static var used: Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        let parts = [usage.ru_utime, usage.ru_stime]
        return parts.map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }.reduce(0, +)
    }
}

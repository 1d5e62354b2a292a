import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct IdleStreamTests {
    /// The test runs in a child process, because the processor time of other tests would be counted too.
    @Test func `an idle stream takes no processor time`() async throws {
        let seconds = try await ChildTest.output(of: "measures the processor time of an idle stream")
        #expect(try #require(Double(seconds)) < 0.05)
    }

    @Test(.enabled(if: ChildTest.isRunning))
    func `measures the processor time of an idle stream`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        let server = try ScriptedServer([.request, .send(head), .hang])
        let streamed = try await HTTPClient().stream(HTTPClientRequest("GET", server.url("/logs")))
        var chunks = streamed.chunks.makeAsyncIterator()
        _ = try await chunks.next()
        let before = ProcessorTime.used
        try await Task.sleep(for: .seconds(2))
        ChildTest.answer("\(ProcessorTime.used - before)")
    }
}

enum ProcessorTime {
    /// The processor time of this process so far, in seconds.
    static var used: Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        let parts = [usage.ru_utime, usage.ru_stime]
        return parts.map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }.reduce(0, +)
    }
}

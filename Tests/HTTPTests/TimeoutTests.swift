import Foundation
import TestSupport
import Testing

@testable import HTTP

@Suite struct TransferClockTests {
    private let start = ContinuousClock.now
    private let timeouts = Timeouts(connect: .seconds(10), idle: .seconds(30))

    @Test func `the connect limit applies until the connection is established`() {
        let clock = TransferClock(timeouts, at: start)
        #expect(
            clock.expiredLimit(at: start + .seconds(9)) == nil && clock.nextDeadline == start + .seconds(10))
        #expect(clock.expiredLimit(at: start + .seconds(10)) == .connect)
    }

    @Test func `one byte per second exceeds the total limit, and 1 KiB per second does not`() {
        var (drip, slow) = (TransferClock(timeouts, at: start), TransferClock(timeouts, at: start))
        drip.recordConnected(at: start)
        slow.recordConnected(at: start)
        var ended: Int?
        for second in 1...4000 {
            let now = start + .seconds(second)
            if ended == nil, drip.expiredLimit(at: now) == .total { ended = second }
            #expect(slow.expiredLimit(at: now) == nil)
            drip.recordTransfer(1, at: now)
            slow.recordTransfer(1024, at: now)
        }
        #expect(ended == 310)
    }

    @Test func `paused time does not count towards the idle limit`() {
        var clock = TransferClock(timeouts, at: start)
        clock.recordConnected(at: start)
        clock.pause(at: start + .seconds(1))
        #expect(clock.nextDeadline == nil && clock.expiredLimit(at: start + .seconds(9999)) == nil)
        clock.resume(at: start + .seconds(9999))
        #expect(clock.expiredLimit(at: start + .seconds(10_020)) == nil)
        #expect(clock.expiredLimit(at: start + .seconds(10_029)) == .idle)
    }

    @Test func `the deadline always applies, and an endless stream has no total limit`() {
        var endless = Timeouts(connect: .seconds(10), idle: .seconds(30))
        (endless.hasTotal, endless.deadline) = (false, .seconds(5000))
        var clock = TransferClock(endless, at: start)
        clock.recordConnected(at: start)
        for second in 1..<5000 {
            clock.recordTransfer(1, at: start + .seconds(second))
            #expect(clock.expiredLimit(at: start + .seconds(second)) == nil)
        }
        clock.pause(at: start + .seconds(4999))
        #expect(clock.expiredLimit(at: start + .seconds(5000)) == .deadline)
    }

    @Test func `a slow upload is not idle`() {
        var clock = TransferClock(timeouts, at: start)
        clock.recordConnected(at: start)
        clock.recordTransfer(1 << 20, at: start)
        clock.isSending = true
        for second in stride(from: 4, through: 400, by: 4) {
            let now = start + .seconds(second)
            #expect(clock.isSampleDue(at: now) && clock.expiredLimit(at: now) == nil)
            clock.recordSample(Int64(second * 1000), at: now)
        }
        #expect(clock.expiredLimit(at: start + .seconds(430)) == .idle)
    }
}

@Suite struct TimeoutTests {
    private func options(idle: Duration, connect: Duration = .milliseconds(200)) -> HTTPClientOptions {
        var options = HTTPClientOptions()
        (options.retries, options.idleTimeout, options.connectTimeout) = (0, idle, connect)
        return options
    }

    @Test(arguments: ["body", "chunks", "upload"])
    func `a slow response ends at the total limit for every kind of request`(_ kind: String) async throws {
        let drip = (0..<4_000).flatMap { _ in [ScriptedServer.Step.send("x"), .pause(.milliseconds(60))] }
        let head = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        let server = try ScriptedServer([.request, head] + drip)
        let client = HTTPClient(options(idle: .milliseconds(700)))
        let before = ContinuousClock.now
        await #expect(throws: HTTPError.timedOut(host: "127.0.0.1:\(server.port)", .total)) {
            switch kind {
            case "chunks":
                for try await _ in try await client.stream(HTTPClientRequest("GET", server.url())).chunks {}
            case "upload":
                _ = try await client.send(
                    HTTPClientRequest("PUT", server.url(), body: .bytes(Data(count: 99))))
            default: _ = try await client.send(HTTPClientRequest("GET", server.url()))
            }
        }
        let taken = ContinuousClock.now - before
        // The complete response would take four minutes.
        #expect(taken > .seconds(7) && taken < .seconds(120), "\(taken)")
    }

    /// libcurl reports complete header lines only.
    @Test func `a slow header ends at a limit, too`() async throws {
        let drip = (0..<400).flatMap { _ in [ScriptedServer.Step.send("x"), .pause(.milliseconds(60))] }
        let server = try ScriptedServer([.request, .send("HTTP/1.1 200 OK\r\nX-Long: ")] + drip)
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient(options(idle: .milliseconds(300))).send(
                HTTPClientRequest("GET", server.url()))
        }
        guard case .timedOut = failure else { throw failure ?? .cancelled }
    }

    @Test func `the longer of the client idle limit and the request minimum applies`() async throws {
        let server = try ScriptedServer([.request, .pause(.milliseconds(500)), answer("200 OK")])
        for (own, least, passes) in [(100, 100, false), (100, 2000, true), (2000, 100, true)] {
            var request = HTTPClientRequest("GET", server.url())
            request.minIdleLimit = .milliseconds(least)
            let client = HTTPClient(options(idle: .milliseconds(own), connect: .seconds(5)))
            let result = try? await client.send(request)
            #expect((result?.status == 200) == passes)
        }
    }

    /// The test runs in a child process, because other tests would affect the measured time.
    @Test func `a cancelled request ends within 100 ms in every state`() async throws {
        let output = try await ChildTest.output(of: "cancels requests that wait")
        let times = output.split(separator: " ").compactMap { Double($0) }
        #expect(times.count == 4 && times.allSatisfy { $0 < 0.1 }, "connect, header, body, upload: \(output)")
    }

    /// Measures the best of three runs for each state: a busy machine delays some runs, a timeout
    /// would delay all.
    @Test(.enabled(if: ChildTest.isRunning)) func `cancels requests that wait`() async throws {
        var times: [Double] = []
        for state in ["connect", "header", "body", "upload"] {
            var best = Double.infinity
            for _ in 1...3 { best = min(best, try await timeToCancel(state)) }
            times.append(best)
        }
        ChildTest.answer(times.map { "\($0)" }.joined(separator: " "))
    }

    /// Returns the seconds until the cancelled request has failed and the server has detected the
    /// closed connection.
    private func timeToCancel(_ state: String) async throws -> Double {
        let deaf = try DeafServer()
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"
        let steps: [ScriptedServer.Step] =
            switch state {
            case "body": [.request, .send(head), .hang]
            case "upload": [.head, .bytes(1), .hang]
            default: [.request, .hang]
            }
        let server = try ScriptedServer(steps)
        let url = state == "connect" ? deaf.url : server.url()
        let body = state == "upload" ? HTTPClientRequest.Body.bytes(Data(count: 1 << 20)) : .none
        let client = HTTPClient(options(idle: .seconds(20), connect: .seconds(20)))
        let task = Task { try await client.send(HTTPClientRequest("PUT", url, body: body)) }
        if state != "connect" {
            #expect(await eventually { server.connections.first?.contains("\r\n\r\n") == true })
        }
        try await Task.sleep(for: .milliseconds(100))
        let before = ContinuousClock.now
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { _ = try await task.value }
        while state == "header" || state == "body", server.ended == 0 {
            try await Task.sleep(for: .milliseconds(1))
        }
        return (ContinuousClock.now - before) / .seconds(1)
    }
}

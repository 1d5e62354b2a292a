import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTP

/// Tests of back-pressure: a slow reader slows down the sender, for responses and for request bodies.
@Suite struct BackPressureTests {
    /// The test runs in a child process, because the memory of other tests would be counted too.
    @Test func `an unread response does not accumulate in memory`() async throws {
        let output = try await ChildTest.output(of: "leaves an endless log unread").split(separator: " ")
        let (grown, sent) = (try #require(Int(output[0])), try #require(Int(output[1])))
        #expect(grown < 20 << 20 && sent < 40 << 20, "\(output)")
        #expect(output[2] == "true", "read at last, it goes on: \(output)")
        #expect(output[3] == "true", "dropped, it ends: \(output)")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `leaves an endless log unread`() async throws {
        let flood = ScriptedServer.Step.flood(String(repeating: "a log without line ends ", count: 4096))
        let server = try ScriptedServer([.request, .send("HTTP/1.1 200 OK\r\n\r\n"), flood])
        var request = HTTPClientRequest("GET", server.url(), responseLimit: .max)
        request.isEndless = true
        var response: StreamedResponse? = try await HTTPClient().stream(request)
        let before = Memory.resident
        try await Task.sleep(for: .seconds(2))
        let (grown, sent) = (Memory.peak - before, server.bytesFlooded)
        var read = 0
        var pieces = response?.chunks.makeAsyncIterator()
        while read < 50 << 20, let piece = try await pieces?.next() { read += piece.count }
        let hasContinued = read >= 50 << 20 && server.bytesFlooded > sent
        (response, pieces) = (nil, nil)
        let hasEnded = await eventually { server.ended == 1 }
        ChildTest.answer("\(grown) \(sent) \(hasContinued) \(hasEnded)")
    }

    @Test func `a reader slower than the idle limit does not cause a timeout`() async throws {
        let body = String(repeating: "x", count: 3 << 20)
        let server = try ScriptedServer([.request, answer("200 OK", [], body)])
        var options = HTTPClientOptions()
        (options.idleTimeout, options.connectTimeout) = (.milliseconds(100), .seconds(5))
        let response = try await HTTPClient(options).stream(HTTPClientRequest("GET", server.url()))
        try await Task.sleep(for: .milliseconds(1500))
        #expect(try await response.collect().body.count == 3 << 20)
    }

    @Test(arguments: [nil, Int64(60_000)])
    func `a body written during the upload is limited by the server, and pauses do not cause a timeout`(
        _ length: Int64?
    )
        async throws
    {
        let server = try ScriptedServer([.request, answer("200 OK", [], "taken")])
        let pipe = BodyPipe(limit: 8 << 10)
        var options = HTTPClientOptions()
        options.idleTimeout = .seconds(2)
        let request = HTTPClientRequest(
            "POST", server.url(), body: .stream(length: length, open: { pipe }), isRepeatable: false)
        async let response = HTTPClient(options).send(request)
        for index in 0..<30 {
            // The pause is longer than the idle limit, but it is not the server that is idle.
            if index == 10 { try await Task.sleep(for: .seconds(3)) }
            try await pipe.write(Data(repeating: UInt8(ascii: "A"), count: 2000))
        }
        pipe.finish()
        #expect(try await response.text == "taken")
        let head = server.connections[0].components(separatedBy: "\r\n\r\n")[0]
        #expect(head.contains(length == nil ? "Transfer-Encoding: chunked" : "Content-Length: 60000"))
    }

    @Test func `a pipe releases its bytes after they are read`() async throws {
        let grown = try await ChildTest.output(of: "writes 100 MB through a pipe from a thread that waits")
        #expect(try #require(Int(grown)) < 16 << 20)
    }

    @Test(.enabled(if: ChildTest.isRunning))
    func `writes 100 MB through a pipe from a thread that waits`() async throws {
        let pipe = BodyPipe()
        let before = Memory.resident
        let writer = Thread {
            for number in 0..<1600 {
                try? pipe.writeBlocking(Data(repeating: UInt8(number & 0xFF), count: 64 << 10))
            }
            pipe.finish()
        }
        writer.start()
        var (read, sum, buffer) = (0, 0, [UInt8](repeating: 0, count: 50_000))
        while true {
            let result = buffer.withUnsafeMutableBytes { pipe.read(into: $0) }
            if result == .waiting { try await Task.sleep(for: .milliseconds(1)) }
            if result == .end { break }
            guard case .bytes(let count) = result else { continue }
            sum += buffer[..<count].reduce(0) { $0 + Int($1) }
            read += count
        }
        let isWhole = read == 1600 << 16 && sum == (0..<1600).reduce(0) { $0 + ($1 & 0xFF) } << 16
        ChildTest.answer("\(isWhole ? Memory.peak - before : Int.max)")
    }

    @Test func `a waiting writer gets an error when the reader closes the pipe`() async throws {
        let pipe = BodyPipe(limit: 1000)
        let ended = Mutex<Bool?>(nil)
        Thread.detachNewThread {
            do {
                while true { try pipe.writeBlocking(Data(count: 600)) }
            } catch { ended.withLock { $0 = error is BodyPipe.Closed } }
        }
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while buffer.withUnsafeMutableBytes({ pipe.read(into: $0) }) == .waiting {
            try await Task.sleep(for: .milliseconds(1))
        }
        pipe.close()
        #expect(await eventually { ended.withLock { $0 } == true })
    }

    @Test func `a request fails if its body is too short or fails`() async throws {
        for (steps, message) in [("short", "the body ended after 5 of 10 bytes"), ("failed", "no disk")] {
            let server = try ScriptedServer([.request, answer("200 OK")])
            let pipe = BodyPipe()
            let request = HTTPClientRequest(
                "POST", server.url(), body: .stream(length: 10, open: { pipe }), isRepeatable: false)
            let response = Task { try await HTTPClient().send(request) }
            try await pipe.write(Data("hello".utf8))
            pipe.finish(failure: steps == "failed" ? "no disk" : nil)
            let failure = await #expect(throws: HTTPError.self) { _ = try await response.value }
            #expect(failure?.reason.contains(message) == true, "\(String(describing: failure))")
        }
    }

    @Test func `the writer of a body gets an error when the exchange ends`() async throws {
        let server = try ScriptedServer([.head, answer("401 No", [], "who?"), .hang])
        let pipe = BodyPipe(limit: 64 << 10)
        let request = HTTPClientRequest(
            "POST", server.url(), body: .stream(length: 1 << 30, open: { pipe }), isRepeatable: false)
        async let response = HTTPClient().send(request)
        await #expect(throws: BodyPipe.Closed.self) {
            while true { try await pipe.write(Data(count: 100_000)) }
        }
        #expect(try await response.status == 401)
    }

    @Test func `a server that reads a body slowly is not idle, and one that reads nothing is`() async throws {
        let size = 12 << 20
        var options = HTTPClientOptions()
        (options.idleTimeout, options.retries) = (.milliseconds(800), 0)
        // The last part of the body stays in the system's buffers for longer than the idle limit.
        let sip = ScriptedServer.Step.sip(size, each: 64 << 10, pause: .milliseconds(15))
        let slow = try ScriptedServer(
            scripts: [[.head, sip, answer("200 OK", [], "taken")]], receiveBuffer: 64 << 10)
        let request = { (url: URL) in HTTPClientRequest("PUT", url, body: .bytes(Data(count: size))) }
        #expect(try await HTTPClient(options).send(request(slow.url())).text == "taken")
        let deaf = try ScriptedServer([.head, .deaf(.seconds(20))])
        await #expect(throws: HTTPError.timedOut(host: "127.0.0.1:\(deaf.port)", .idle)) {
            _ = try await HTTPClient(options).send(request(deaf.url()))
        }
        let mute = try ScriptedServer([.request, .hang])
        await #expect(throws: HTTPError.timedOut(host: "127.0.0.1:\(mute.port)", .idle)) {
            _ = try await HTTPClient(options).send(request(mute.url()))
        }
    }
}

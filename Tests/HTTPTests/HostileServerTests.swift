import Foundation
import TestSupport
import Testing
import TextTools

@testable import HTTP

/// Tests of servers that violate HTTP: each request ends with a response or an error, and the process
/// does not crash.
@Suite struct HostileServerTests {
    private static let client = {
        var options = HTTPClientOptions()
        (options.retries, options.idleTimeout) = (0, .seconds(10))
        return HTTPClient(options)
    }()

    private func response(to steps: [ScriptedServer.Step], limit: Int = 1 << 20) async throws
        -> HTTPClientResponse
    {
        let server = try ScriptedServer([.request] + steps)
        return try await Self.client.send(HTTPClientRequest("GET", server.url(), responseLimit: limit))
    }

    private func failure(of steps: [ScriptedServer.Step], limit: Int = 1 << 20) async throws -> HTTPError {
        let server = try ScriptedServer([.request] + steps)
        return try #require(
            await #expect(throws: HTTPError.self) {
                _ = try await Self.client.send(HTTPClientRequest("GET", server.url(), responseLimit: limit))
            })
    }

    private func expectBroken(_ steps: [ScriptedServer.Step]) async throws {
        let failure = try await failure(of: steps)
        guard case .broken = failure else { throw failure }
    }

    @Test(arguments: [
        "", "HTTP", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
    ])
    func `a connection closed within the header is an error`(_ start: String) async throws {
        try await expectBroken([.send(start), .close])
        try await expectBroken([.send(start), .reset])
    }

    @Test func `trailers are ignored`() async throws {
        let body = "5\r\nhello\r\n0\r\nX-Trailer: yes\r\nContent-Length: 3\r\n\r\n"
        let server = try ScriptedServer([
            .request,
            .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n\r\n" + body),
            .request, answer("200 OK", [], "next"),
        ])
        let first = try await Self.client.send(HTTPClientRequest("GET", server.url()))
        #expect((first.status, first.text) == (200, "hello"))
        #expect(first.headers["X-Trailer"] == nil)
        #expect(try await Self.client.send(HTTPClientRequest("GET", server.url())).text == "next")
    }

    @Test func `endless trailers are an error`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
        let failure = try await failure(of: [.send(head), .flood("X-Trailer: yes\r\n")])
        guard case .headerTooLong = failure else { throw failure }
    }

    @Test(arguments: [
        "9223372036854775807", "9223372036854775808", "99999999999999999999999999", "-1", "abc", "0x5", "5 5",
        "5, 6", "5\r\nContent-Length: 6", "", "+5", "5.0", "١",
    ])
    func `an invalid Content-Length is an error`(_ length: String) async throws {
        try await expectBroken([.send("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nhello"), .close])
    }

    @Test func `identical repeated Content-Length values are accepted`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello"
        #expect(try await response(to: [.send(head), .hang]).text == "hello")
    }

    @Test func `bytes after the Content-Length are not taken as the next response`() async throws {
        let server = try ScriptedServer(
            [
                .request, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nevil"),
                .hang,
            ],
            [.request, answer("200 OK", [], "good")])
        #expect(try await Self.client.send(HTTPClientRequest("GET", server.url())).text == "ok")
        #expect(try await Self.client.send(HTTPClientRequest("GET", server.url())).text == "good")
    }

    @Test(arguments: [100, 102, 103, 199])
    func `interim responses are skipped`(_ status: Int) async throws {
        let interim = "HTTP/1.1 \(status) Wait\r\nLink: </style.css>\r\nContent-Length: 99\r\n\r\n"
        let steps: [ScriptedServer.Step] = [
            .send(interim), .pause(.milliseconds(20)), .send(interim), answer("201 Made", ["X-A: b"], "body"),
        ]
        let response = try await response(to: steps)
        #expect((response.status, response.text) == (201, "body"))
        #expect(response.headers["Link"] == nil && response.headers["X-A"] == "b")
    }

    @Test func `interim responses are skipped during an upload`() async throws {
        let server = try ScriptedServer([
            .head, .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"), .bytes(500_000),
            answer("200 OK", [], "taken"),
        ])
        let request = HTTPClientRequest("PUT", server.url(), body: .bytes(Data(count: 500_000)))
        #expect(try await Self.client.send(request).text == "taken")
    }

    @Test func `an unrequested protocol switch is an error`() async throws {
        try await expectBroken([.send("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), .close])
    }

    @Test(arguments: [
        "HTTP/1.1 abc OK", "HTTP/9.9 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 000 OK", "ICY 200 OK", "<html>",
        "\0",
        "HTTP/1.1 -12 OK", "HTTP/1.1", "HTTP/1.1 099 OK",
    ])
    func `an invalid status line is an error`(_ line: String) async throws {
        try await expectBroken([.send(line + "\r\nContent-Length: 2\r\n\r\nhi"), .close])
    }

    @Test func `the header is limited to 64 KiB and 200 fields`() async throws {
        let fields = (0..<198).map { "X-\($0): \(String(repeating: "x", count: 300))" }
        #expect(try await response(to: [answer("200 OK", fields)]).headers["x-197"]?.count == 300)
        let many = (0..<201).map { "X-\($0): y" }
        #expect(
            try await failure(of: [answer("200 OK", many)]).reason.contains("200 fields"))
        let long = ["X-Long: " + String(repeating: "x", count: 70 << 10)]
        #expect(try await failure(of: [answer("200 OK", long)]).reason.contains("64 KiB"))
        let longer = ["X-Long: " + String(repeating: "x", count: 1 << 20)]
        #expect(try await failure(of: [answer("200 OK", longer)]).reason.contains("64 KiB"))
    }

    @Test(arguments: [
        "X-A: b\r\n", "x", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n",
    ])
    func `an endless header is an error`(_ piece: String) async throws {
        let start = piece.hasPrefix("HTTP") ? "" : "HTTP/1.1 200 OK\r\n"
        let failure = try await failure(of: [.send(start), .flood(String(repeating: piece, count: 100))])
        guard case .headerTooLong = failure else { throw failure }
    }

    @Test(arguments: ["X-A: a\0b", "no colon", ": no name", "X-\0A: b"])
    func `an invalid header field is an error`(_ line: String) async throws {
        try await expectBroken([.send("HTTP/1.1 200 OK\r\n\(line)\r\nContent-Length: 2\r\n\r\nok"), .close])
    }

    @Test(arguments: [
        "zz\r\nhello", "5\r\nhel", "fffffffffffffffff\r\nhello", "-5\r\nhello", "5\r\nhello\r\n", "",
        "5\r\nhello\r\n0\r\nHTTP/1.1 500 No\r\n\r\n",
    ])
    func `a malformed or truncated chunked body is an error`(_ body: String) async throws {
        try await expectBroken([
            .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body), .close,
        ])
    }

    @Test func `an endless body is an error at the limit of the request`() async throws {
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        let failure = try await failure(of: [.send(head), .flood(String(repeating: "x", count: 4096))])
        guard case .tooLong(_, 1 << 20) = failure else { throw failure }
    }

    @Test func `repeated fields are combined, except for Content-Type, and folded lines are joined`()
        async throws
    {
        let fields = ["X-A: 1", "x-a: 2", "Content-Type: a/b", "Content-Type: c/d", "X-Folded: 1", "  2"]
        let headers = try await response(to: [answer("200 OK", fields)]).headers
        #expect(headers["X-A"] == "1, 2" && headers["Content-Type"] == "a/b" && headers["X-Folded"] == "1 2")
    }
}

/// Tests of compressed response bodies.
@Suite struct CompressionTests {
    /// Returns the output of a shell command, compressed with the system's `gzip`.
    private func gzip(_ command: String) async throws -> Data {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("gzip-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "{ \(command); } | gzip -9 > \(file.path)"]
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in done.resume() }
            do { try process.begin() } catch { done.resume(throwing: error) }
        }
        return try Data(contentsOf: file)
    }

    private func steps(_ body: Data) -> [ScriptedServer.Step] {
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
        return [.request, .send(head), .data(body)]
    }

    @Test func `a compressed body is decompressed`() async throws {
        let text = String(repeating: "some text\n", count: 10_000)
        let server = try ScriptedServer(steps(try await gzip("yes 'some text' | head -n 10000")))
        let meter = TrafficCounter()
        #expect(
            try await HTTPClient().send(HTTPClientRequest("GET", server.url()), meter: meter).text == text)
        #expect(server.connections[0].contains("Accept-Encoding: gzip\r\n"))
        #expect(meter.bytesReceived == text.utf8.count)
    }

    @Test func `range and event-stream requests do not ask for compression`() async throws {
        for headers: HTTPFields in [["Range": "bytes=0-1"], ["Accept": "text/event-stream"]] {
            let server = try ScriptedServer([.request, answer("200 OK")])
            _ = try await HTTPClient().send(HTTPClientRequest("GET", server.url(), headers: headers))
            #expect(!server.connections[0].contains("Accept-Encoding"))
        }
    }

    @Test func `a body that is not valid gzip is an error`() async throws {
        let server = try ScriptedServer(steps(Data("no gzip at all".utf8)))
        let request = HTTPClientRequest("GET", server.url(), isRepeatable: false)
        let failure = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(request) }
        guard case .broken = failure else { throw failure ?? .cancelled }
    }

    @Test func `the response limit applies to the decompressed size, with little memory`() async throws {
        let output = try await ChildTest.output(
            of: "asks for a body that inflates to a quarter of a gigabyte")
        let parts = output.split(separator: " ")
        #expect(parts.first == "1048576", "\(output)")
        #expect(try #require(Int(parts.last ?? "")) < 40 << 20, "\(output)")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `asks for a body that inflates to a quarter of a gigabyte`()
        async throws
    {
        let server = try ScriptedServer(steps(try await gzip("head -c 268435456 /dev/zero")))
        let before = Memory.resident
        do throws(HTTPError) {
            _ = try await HTTPClient().send(HTTPClientRequest("GET", server.url(), responseLimit: 1 << 20))
        } catch {
            guard case .tooLong(_, let limit) = error else { throw error }
            ChildTest.answer("\(limit) \(Memory.peak - before)")
        }
    }
}

import Foundation
import Synchronization
import Testing

@testable import HTTPServer

struct ServerTests {
    @Test func `one connection serves several requests, also when they are pipelined`() async throws {
        try await serving({ .text($0.target.rawPath) }) { client, _ in
            try await client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            let text = try await client.read(until: "/b")
            #expect(text.contains("/a") && text.contains("Content-Length: 2"))
        }
    }

    @Test func `the chunks of a request are joined to one body`() async throws {
        try await serving({ .text(String(decoding: try await $0.body.collect(), as: UTF8.self)) }) {
            client, _ in
            try await client.send(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            try await client.send("3\r\ndef\r\n0\r\n\r\n")
            #expect(try await client.read(until: "abcdef").contains("200 OK"))
        }
    }

    @Test func `Expect: 100-continue gets 100 Continue or the final response`() async throws {
        let handler: Handler = { request in
            if request.target.rawPath == "/no" { return Response(401) }
            return .text(String(decoding: try await request.body.collect(), as: UTF8.self))
        }
        try await serving(handler) { client, server in
            let head = "HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            try await client.send("POST /yes \(head)")
            #expect(try await client.read(until: "100 Continue\r\n\r\n").hasPrefix("HTTP/1.1 100"))
            try await client.send("abc")
            #expect(try await client.read(until: "abc").contains("200 OK"))
            let other = try RawClient(port: server.port)
            try await other.send("POST /no \(head)")
            let refused = try await other.readAll()
            #expect(refused.hasPrefix("HTTP/1.1 401"))
        }
    }

    @Test func `a response to HEAD has a Content-Length and no body`() async throws {
        try await serving({ _ in .text("hello") }) { client, _ in
            try await client.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let text = try await client.readAll()
            #expect(text.contains("Content-Length: 5") && text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `a stream is sent in chunks, and a failed stream has no last chunk`() async throws {
        let handler: Handler = { request in
            Response(
                body: .stream { outlet in
                    try await outlet.write("part")
                    if request.target.rawPath == "/bad" { throw Disconnected() }
                })
        }
        try await serving(handler) { client, server in
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try await client.readAll().hasSuffix("4\r\npart\r\n0\r\n\r\n"))
            let other = try RawClient(port: server.port)
            try await other.send("GET /bad HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await other.readAll().hasSuffix("4\r\npart\r\n"))
        }
    }

    @Test func `a client that disconnects cancels the producer of its stream`() async throws {
        let ended = Mutex(false)
        let handler: Handler = { _ in
            Response(
                body: .stream { outlet in
                    try await outlet.write("first")
                    do {
                        try await Task.sleep(for: .seconds(60))
                    } catch {
                        ended.withLock { $0 = true }
                    }
                })
        }
        try await serving(handler) { client, _ in
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.read(until: "first")
            client.socket.hangUp()
            for _ in 0..<12_000 where !ended.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
            #expect(ended.withLock { $0 })
        }
    }

    @Test(arguments: [
        "\u{1}\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
    ])
    func `malformed requests get 400`(_ text: String) async throws {
        try await serving({ _ in .text("never") }) { client, _ in
            try await client.send(text)
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test func `malformed chunks get 400, and a body over the limit gets 413`() async throws {
        try await serving({ .text("\(try await $0.body.collect(upTo: 4).count)") }) { client, server in
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 400"))
            let other = try RawClient(port: server.port)
            try await other.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde")
            #expect(try await other.read(until: "413").hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `a response can be truncated intentionally`() async throws {
        try await serving({ _ in Response(body: .bytes(Array("hello".utf8)), cutAfter: 2) }) {
            client, server in
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.readAll().hasSuffix("\r\n\r\nhe"))
            let silent = try Server(Listener()) { _ in Response(cutAfter: -1) }
            let other = try RawClient(port: silent.port)
            try await other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await other.readAll().isEmpty)
            await silent.stop()
        }
    }

    @Test func `stopping the server closes idle connections and streams immediately`() async throws {
        let server = try Server(Listener()) { _ in
            Response(
                body: .stream { outlet in
                    try await outlet.write("x")
                    try await Task.sleep(for: .seconds(600))
                })
        }
        let idle = try RawClient(port: server.port), busy = try RawClient(port: server.port)
        try await busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try await busy.read(until: "x\r\n")
        let start = ContinuousClock.now
        await server.stop()
        // The limit is far below the idle timeout, and long enough for a busy machine.
        #expect(ContinuousClock.now - start < .seconds(30))
        _ = try? await idle.readAll()
    }
}

struct ChildTests {
    @Test func `a child process gets input and environment, and returns output, errors and status`()
        async throws
    {
        let script = "cat; echo $WORD >&2; exit 3"
        let program = SubprocessConfiguration("/bin/sh", ["-c", script], environment: ["WORD": "hush"])
        let finished = try await program.run(input: Array("hello".utf8))
        #expect(finished.output == Array("hello".utf8))
        #expect(finished.errors == "hush\n")
        #expect(finished.status == 3)
    }

    @Test func `1 MiB passes through a child process without a deadlock`() async throws {
        let bytes = [UInt8](repeating: 65, count: 1 << 20)
        #expect(try await SubprocessConfiguration("/bin/cat").run(input: bytes).output == bytes)
    }

    @Test func `a missing program is an error`() async {
        await #expect(throws: (any Error).self) {
            try await SubprocessConfiguration("/nonexistent/program").run()
        }
    }

    @Test func `cancellation terminates the child process`() async throws {
        let task = Task { try await SubprocessConfiguration("/bin/sh", ["-c", "exec sleep 60"]).run() }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        let start = ContinuousClock.now
        _ = try? await task.value
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func `many concurrent child processes all finish`() async throws {
        try await withThrowingTaskGroup(of: Int32.self) { group in
            for code in 0..<40 {
                group.addTask {
                    try await SubprocessConfiguration("/bin/sh", ["-c", "exit \(code)"]).run().status
                }
            }
            var sum: Int32 = 0
            for try await code in group { sum += code }
            #expect(sum == 780)
        }
    }
}

struct CGITests {
    @Test func `a program responds through CGI`() async throws {
        let script =
            "printf 'Status: 201 Made\\r\\nX-A: b\\r\\n\\r\\n'; printf \"$REQUEST_METHOD $QUERY_STRING \"; cat"
        let cgi = CGI(
            SubprocessConfiguration("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"]))
        try await serving({ try await cgi.handle($0) }) { client, _ in
            try await client.send("POST /?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            let text = try await client.read(until: "abc")
            #expect(
                text.hasPrefix("HTTP/1.1 201") && text.contains("X-A: b") && text.contains("POST q=1 "))
        }
    }

    @Test func `a program without a response is 502`() async throws {
        let cgi = CGI(SubprocessConfiguration("/bin/sh", ["-c", "exit 1"]))
        try await serving({ try await cgi.handle($0) }) { client, _ in
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 502"))
        }
    }
}

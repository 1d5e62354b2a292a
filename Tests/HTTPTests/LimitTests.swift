import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct LimitTests {
    private func client(_ change: (inout HTTPClientOptions) -> Void = { _ in }) -> HTTPClient {
        var options = HTTPClientOptions()
        options.retries = 0
        change(&options)
        return HTTPClient(options)
    }

    /// The test runs in a child process: child processes of other tests could inherit the connection
    /// and keep it open.
    @Test func `an exchange without a response ends at the idle limit`() async throws {
        let output = try await ChildTest.output(of: "waits for a response that never arrives")
        #expect(output == "idle, connection ended: true")
    }

    @Test(.enabled(if: ChildTest.isRunning))
    func `waits for a response that never arrives`() async throws {
        let server = try ScriptedServer([.request, .hang])
        let client = client { $0.idleTimeout = .milliseconds(200) }
        do throws(HTTPError) { _ = try await client.send(HTTPClientRequest("GET", server.url())) } catch {
            guard case .timedOut(_, let limit) = error else { throw error }
            let hasEnded = await eventually { server.ended == 1 }
            ChildTest.answer("\(limit.rawValue), connection ended: \(hasEnded)")
        }
    }

    @Test func `the idle limit applies within a body`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        let server = try ScriptedServer([.request, .send(head), .hang])
        let client = client { $0.idleTimeout = .milliseconds(200) }
        await #expect(throws: HTTPError.timedOut(host: "127.0.0.1:\(server.port)", .idle)) {
            _ = try await client.send(HTTPClientRequest("GET", server.url()))
        }
    }

    @Test func `a slow response is not idle, but ends at the deadline`() async throws {
        let drip = [ScriptedServer.Step.send("x"), .pause(.milliseconds(50))]
        let head = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        let server = try ScriptedServer([.request, head] + (0..<1200).flatMap { _ in drip })
        var request = HTTPClientRequest("GET", server.url())
        request.deadline = .milliseconds(600)
        let client = client { $0.idleTimeout = .seconds(20) }
        await #expect(throws: HTTPError.timedOut(host: "127.0.0.1:\(server.port)", .deadline)) {
            _ = try await client.send(request)
        }
    }

    @Test func `the connect limit does not apply to a slow response`() async throws {
        let deaf = try DeafServer()
        let client = client { $0.connectTimeout = .milliseconds(200) }
        await #expect(throws: HTTPError.timedOut(host: "127.0.0.1:\(deaf.port)", .connect)) {
            _ = try await client.send(HTTPClientRequest("GET", deaf.url))
        }
        let slow = try ScriptedServer([.request, .pause(.milliseconds(600)), answer("200 OK")], [.hang])
        #expect(try await client.send(HTTPClientRequest("GET", slow.url())).status == 200)
    }

    @Test func `a refused connection and an unknown host are unreachable`() async throws {
        let clock = EagerClock()
        let client = client { $0.clock = clock }
        let closed = try ReservedPort()
        let unknown = try #require(URL(string: "http://nowhere.invalid/"))
        for url in [closed.url, unknown] {
            let failure = await #expect(throws: HTTPError.self) {
                _ = try await client.send(HTTPClientRequest("GET", url))
            }
            guard case .unreachable = failure else { throw failure ?? .cancelled }
        }
        withExtendedLifetime(closed) {}
    }

    @Test func `a body over the limit is an error while it is received`() async throws {
        let big = String(repeating: "x", count: 100_000)
        let server = try ScriptedServer([.request, answer("200 OK", [], big)])
        let request = HTTPClientRequest("GET", server.url(), responseLimit: 1000)
        await #expect(throws: HTTPError.tooLong(host: "127.0.0.1:\(server.port)", limit: 1000)) {
            _ = try await client().send(request)
        }
    }

    @Test func `a truncated body is an error`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        let server = try ScriptedServer([.request, .send(head), .close])
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await client().send(HTTPClientRequest("GET", server.url()))
        }
        guard case .broken = failure else { throw failure ?? .cancelled }
    }

    @Test func `a response that is not HTTP is an error`() async throws {
        let server = try ScriptedServer([.request, .send("SSH-2.0-OpenSSH\r\n"), .close])
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await client().send(HTTPClientRequest("GET", server.url()))
        }
        guard case .broken = failure else { throw failure ?? .cancelled }
    }

    @Test func `cancelling the task ends the exchange immediately`() async throws {
        let server = try ScriptedServer([.request, .hang])
        let task = Task { [client = client()] in try await client.send(HTTPClientRequest("GET", server.url()))
        }
        #expect(await eventually { server.connections.first?.hasSuffix("\r\n\r\n") == true })
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { _ = try await task.value }
        #expect(await eventually { server.ended == 1 })
    }

    @Test func `a dropped stream ends its exchange`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        let server = try ScriptedServer([.request, .send(head), .hang])
        var streamed: StreamedResponse? = try await client().stream(HTTPClientRequest("GET", server.url()))
        #expect(streamed?.status == 200)
        streamed = nil
        #expect(await eventually { server.ended == 1 })
    }

    @Test(arguments: ["localhost", "app.localhost", "owner-name.localhost"])
    func `subdomains of localhost resolve to this machine`(_ name: String) async throws {
        let server = try ScriptedServer([.request, answer("200 OK")])
        let url = try #require(URL(string: "http://\(name):\(server.port)/"))
        #expect(try await client().send(HTTPClientRequest("GET", url)).status == 200)
        #expect(server.connections[0].contains("Host: \(name):\(server.port)\r\n"))
    }
}

/// A listening socket whose accept queue is full, so that new connections are not established.
final class DeafServer {
    let port: UInt16
    private var descriptors: [Int32] = []

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(listener)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(filler)
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, size) }
            }
        }
    }

    var url: URL { URL(string: "http://127.0.0.1:\(port)/") ?? URL(fileURLWithPath: "/") }

    deinit { for descriptor in descriptors { close(descriptor) } }
}

import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Tests of requests to hosts from untrusted settings: the address of the connection is checked, not
/// the name.
@Suite struct AllowedAddressTests {
    private static let client = {
        var options = HTTPClientOptions()
        options.retries = 0
        return HTTPClient(options)
    }()

    private func request(_ url: URL, except: Set<String> = []) -> HTTPClientRequest {
        var request = HTTPClientRequest("GET", url)
        request.allowedAddresses = .publicOnly(except: except)
        return request
    }

    private func expectForbidden(_ request: HTTPClientRequest) async throws {
        let failure = await #expect(throws: HTTPError.self) { _ = try await Self.client.send(request) }
        guard case .forbiddenAddress = failure else { throw failure ?? .cancelled }
    }

    /// These names resolve to this machine, as the second DNS response of a rebinding attack would.
    @Test(arguments: ["127.0.0.1", "localhost", "a.localhost", "127.1", "0x7f000001", "2130706433", "0"])
    func `a name that resolves to this machine is refused`(_ host: String) async throws {
        let server = try ScriptedServer([.request, answer("200 OK")])
        let url = try #require(URL(string: "http://\(host):\(server.port)/"))
        try await expectForbidden(request(url))
        #expect(server.connections.isEmpty)
    }

    @Test func `a reused connection to this machine is refused, too`() async throws {
        let server = try ScriptedServer([
            .request, answer("200 OK"), .request, answer("200 OK", [], "secret"),
        ])
        #expect(try await Self.client.send(HTTPClientRequest("GET", server.url())).status == 200)
        try await expectForbidden(request(server.url("/second")))
        #expect(!server.connections.joined().contains("/second"))
    }

    @Test func `a host excepted by the operator may be private, but not the target of its redirect`()
        async throws
    {
        let inner = try ScriptedServer([.request, answer("200 OK", [], "secret")])
        let server = try ScriptedServer(
            [.request, answer("302 Found", ["Location: \(inner.url("/inner"))"])])
        try await expectForbidden(request(server.url(), except: ["127.0.0.1:\(server.port)"]))
        #expect(server.connections.count == 1 && inner.connections.isEmpty)
        let both: Set<String> = ["127.0.0.1"]
        #expect(try await Self.client.send(request(server.url(), except: both)).text == "secret")
    }

    @Test(arguments: [
        ("10.1.2.3", true), ("172.31.0.1", true), ("192.168.1.1", true), ("169.254.169.254", true),
        ("100.64.0.1", true), ("0.0.0.0", true), ("224.0.0.1", true), ("255.255.255.255", true),
        ("8.8.8.8", false),
        ("172.32.0.1", false), ("100.128.0.1", false), ("::1", true), ("::", true), ("fe80::1%eth0", true),
        ("fd00::1", true), ("ff02::1", true), ("::ffff:10.0.0.1", true), ("::ffff:8.8.8.8", false),
        ("64:ff9b::10.0.0.1", true), ("64:ff9b::8.8.8.8", false), ("64:ff9b:1::8.8.8.8", true),
        ("2002:a00:1::1", true), ("2001:0:1::1", true), ("fec0::1", true), ("2606:4700::1111", false),
    ])
    func `private addresses are recognised in every notation`(_ text: String, _ isInside: Bool) throws {
        #expect(try #require(IPAddress(literal: text)).isPrivate == isInside)
    }
}

/// Tests of invalid requests, which are not sent.
@Suite struct InvalidRequestTests {
    private func failure(_ request: HTTPClientRequest) async throws -> HTTPError {
        try #require(await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(request) })
    }

    @Test func `line breaks in fields and invalid methods are refused before anything is sent`() async throws
    {
        let server = try ScriptedServer([.request, answer("200 OK")])
        let odd: [HTTPClientRequest] = [
            HTTPClientRequest("GET", server.url(), headers: ["X-A": "b\r\nX-Evil: c"]),
            HTTPClientRequest("GET", server.url(), headers: ["X-A": "b\nX-Evil: c"]),
            HTTPClientRequest("GET", server.url(), headers: ["X-A": "b\0c"]),
            HTTPClientRequest("GET", server.url(), headers: ["X-A\r\nX-Evil": "c"]),
            HTTPClientRequest("GET", server.url(), headers: ["X A": "c"]),
            HTTPClientRequest("GET", server.url(), headers: ["": "c"]),
            HTTPClientRequest("GET / HTTP/1.1\r\nX-Evil: c\r\n\r\n", server.url()),
            HTTPClientRequest("", server.url()),
        ]
        for request in odd {
            guard case .invalidRequest = try await failure(request) else { throw HTTPError.cancelled }
        }
        #expect(server.connections.isEmpty)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:,x"])
    func `only http and https requests are sent`(_ text: String) async throws {
        let url = try #require(URL(string: text))
        guard case .invalidRequest = try await failure(HTTPClientRequest("GET", url)) else {
            throw HTTPError.cancelled
        }
    }

    @Test func `a URL with user and password is refused, and a fragment is not sent`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK")])
        let refused = try #require(URL(string: "http://me:" + "pass@127.0.0.1:\(server.port)/a"))
        guard case .invalidRequest = try await failure(HTTPClientRequest("GET", refused)) else {
            throw HTTPError.cancelled
        }
        #expect(server.connections.isEmpty)
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/a/../b?c=d#e"))
        _ = try await HTTPClient().send(HTTPClientRequest("GET", url))
        #expect(server.connections[0].hasPrefix("GET /a/../b?c=d HTTP/1.1\r\n"))
        #expect(!server.connections[0].contains("Authorization"))
    }
}

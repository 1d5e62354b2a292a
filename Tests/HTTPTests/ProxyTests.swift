import Foundation
import TestSupport
import Testing

@testable import HTTP

@Suite struct ProxyTests {
    private let deadProxy = "http://127.0.0.1:1"

    private func origin(_ url: String) throws -> Origin {
        try #require(URL(string: url).flatMap(Origin.init))
    }

    @Test func `the proxy is selected by scheme, as in curl`() throws {
        let proxies = ProxySettings([
            "http_proxy": "a:1", "HTTP_PROXY": "x:1", "HTTPS_PROXY": "http://b:2", "ALL_PROXY": "c:3",
        ])
        #expect(proxies.proxy(for: try origin("http://hub.example"))?.description == "http://a:1")
        #expect(proxies.proxy(for: try origin("https://hub.example"))?.description == "http://b:2")
        let upper = ProxySettings(["HTTP_PROXY": "x:1"])
        #expect(upper.proxy(for: try origin("http://hub.example")) == nil)
    }

    @Test(arguments: [
        "http://localhost:1", "http://a.b.localhost", "http://127.9.9.9:80", "http://[::1]:3",
        "https://LOCALHOST",
    ])
    func `loopback never goes through a proxy`(_ url: String) throws {
        #expect(ProxySettings(["all_proxy": deadProxy]).proxy(for: try origin(url)) == nil)
    }

    @Test func `no_proxy entries cover subdomains`() throws {
        let proxies = ProxySettings(["all_proxy": deadProxy, "NO_PROXY": "example.com, .internal"])
        #expect(proxies.proxy(for: try origin("http://a.example.com")) == nil)
        #expect(proxies.proxy(for: try origin("http://b.internal")) == nil)
        #expect(proxies.proxy(for: try origin("http://badexample.com")) != nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.9.8.7", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("10.0.0.0/99", "10.0.0.1", false),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.128/25", "192.0.2.127", false),
        ("0.0.0.0/0", "8.8.8.8", true),
        ("2001:db8::/32", "[2001:db8:1::5]", true), ("[2001:db8::5]", "[2001:db8::5]", true),
        ("2001:db8::/32", "[2001:db9::5]", false), ("10.0.0.0/8", "10.example.com", false),
        ("*", "8.8.8.8", true),
        ("8.8.8", "1.8.8.8", false),
    ])
    func `no_proxy entries can be addresses and address ranges`(
        _ exception: String, _ host: String, _ isDirect: Bool
    )
        throws
    {
        let proxies = ProxySettings(["all_proxy": deadProxy, "no_proxy": exception])
        #expect((proxies.proxy(for: try origin("http://\(host)/")) == nil) == isDirect)
    }

    @Test(arguments: ["http_proxy", "all_proxy", "ALL_PROXY"])
    func `loopback is reachable if the configured proxy is not`(_ name: String) async throws {
        let status = try await ChildTest.output(of: "asks a server of its own", [name: deadProxy])
        #expect(status == "200 200 200")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `asks a server of its own`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK")])
        var statuses: [String] = []
        for host in ["127.0.0.1", "localhost", "me-app.localhost"] {
            let url = try #require(URL(string: "http://\(host):\(server.port)/"))
            statuses.append("\(try await Self.client.send(HTTPClientRequest("GET", url)).status)")
        }
        ChildTest.answer(statuses.joined(separator: " "))
    }

    private func client(_ proxy: String) -> HTTPClient {
        var options = HTTPClientOptions()
        options.retries = 0
        options.network = NetworkSettings(environment: ["all_proxy": proxy])
        return HTTPClient(options)
    }

    @Test func `proxy credentials go to the proxy only, and server credentials to the server only`()
        async throws
    {
        let proxy = try ScriptedServer([.request, answer("200 OK", [], "by proxy")])
        let address = "http://me:p%40ss%3Aword@" + "127.0.0.1:\(proxy.port)"
        let url = try #require(URL(string: "http://hub.invalid/x"))
        #expect(try await client(address).send(HTTPClientRequest("GET", url)).text == "by proxy")
        let credentials = Data("me:p@ss:word".utf8).base64EncodedString()
        #expect(proxy.connections[0].contains("Proxy-Authorization: Basic \(credentials)\r\n"))

        let refusingProxy = try ScriptedServer([.request, answer("407 Proxy Authentication Required")])
        let secure = try #require(URL(string: "https://hub.invalid/x"))
        let token = try #require(Secret("to" + "ken"))
        let request = HTTPClientRequest("GET", secure, authorization: .bearer(token))
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await client("http://me:pw@" + "127.0.0.1:\(refusingProxy.port)").send(request)
        }
        guard case .unreachable(_, let reason) = failure else { throw failure ?? .cancelled }
        #expect(reason.contains("407") && !reason.contains("pw"), "\(reason)")
        #expect(refusingProxy.connections[0].hasPrefix("CONNECT hub.invalid:443 HTTP/1.1\r\n"))
        #expect(
            !refusingProxy.connections[0].contains("\nAuthorization")
                && !refusingProxy.connections[0].contains("token"))
    }

    @Test(arguments: ["socks5h", "socks5", "socks4a"]) func `SOCKS proxies are supported`(
        _ scheme: String
    )
        async throws
    {
        let name = "hub.invalid", isFour = scheme == "socks4a"
        let greeting: [ScriptedServer.Step] =
            isFour
            ? [.bytes(8 + 1 + name.utf8.count + 1), .data(Data([0, 90, 0, 0, 0, 0, 0, 0]))]
            : [
                .bytes(3), .data(Data([5, 0])), .bytes(4 + 1 + name.utf8.count + 2),
                .data(Data([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])),
            ]
        let proxy = try ScriptedServer(greeting + [.request, answer("200 OK", [], "by socks")])
        let url = try #require(URL(string: "http://\(name)/x"))
        let result = try? await client("\(scheme)://127.0.0.1:\(proxy.port)").send(
            HTTPClientRequest("GET", url))
        // `socks5` resolves the name locally, which fails for this name.
        #expect(result?.text == (scheme == "socks5" ? nil : "by socks"))
        #expect(proxy.connections.allSatisfy { $0.contains(name) || scheme == "socks5" })
    }

    @Test(arguments: ["ftp://127.0.0.1:1", "http://", "http://127.0.0.1:99999", "http://a b:1"])
    func `an invalid proxy is an error and not ignored`(_ text: String) async throws {
        let url = try #require(URL(string: "http://hub.invalid/x"))
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await client(text).send(HTTPClientRequest("GET", url))
        }
        guard case .invalidRequest = failure else { throw failure ?? .cancelled }
    }

    @Test func `a proxy is parsed as in curl and described without its credentials`() {
        let proxy = Proxy("socks5h://us%20er:a@b:c@" + "[::1]:1080/")
        #expect(proxy.user == "us er" && proxy.password?.reveal() == "a@b:c" && proxy.isSupported)
        #expect(proxy.description == "socks5h://[::1]:1080")
        #expect(
            Proxy("user@host").description == "http://host"
                && Proxy("HTTPS://Host:8").description == "https://host:8")
    }

    @Test func `requests to other hosts than loopback use the proxy`() async throws {
        let proxy = try ScriptedServer([.request, answer("200 OK", [], "by proxy")])
        let environment = ["http_proxy": "http://127.0.0.1:\(proxy.port)"]
        let text = try await ChildTest.output(of: "asks a machine that is not there", environment)
        #expect(text == "by proxy")
        #expect(proxy.connections.first?.hasPrefix("GET http://hub.invalid/x HTTP/1.1\r\n") == true)
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `asks a machine that is not there`() async throws {
        let url = try #require(URL(string: "http://hub.invalid/x"))
        ChildTest.answer(try await Self.client.send(HTTPClientRequest("GET", url)).text)
    }

    /// A client with the proxies of this process's environment.
    private static var client: HTTPClient {
        var options = HTTPClientOptions()
        options.network = NetworkSettings(environment: ProcessInfo.processInfo.environment)
        return HTTPClient(options)
    }
}

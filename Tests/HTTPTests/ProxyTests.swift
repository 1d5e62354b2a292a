import Foundation
import TestSupport
import Testing

@testable import HTTP

@Suite struct ProxyTests {
    private let dead = "http://127.0.0.1:1"

    private func origin(_ url: String) throws -> Origin {
        try #require(URL(string: url).flatMap(Origin.init))
    }

    @Test func `the proxy is chosen by scheme, as curl does`() throws {
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
        #expect(ProxySettings(["all_proxy": dead]).proxy(for: try origin(url)) == nil)
    }

    @Test func `exceptions cover subdomains`() throws {
        let proxies = ProxySettings(["all_proxy": dead, "NO_PROXY": "example.com, .internal"])
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
    func `exceptions may be addresses and ranges of them`(
        _ exception: String, _ host: String, _ isDirect: Bool
    )
        throws
    {
        let proxies = ProxySettings(["all_proxy": dead, "no_proxy": exception])
        #expect((proxies.proxy(for: try origin("http://\(host)/")) == nil) == isDirect)
    }

    @Test(arguments: ["http_proxy", "all_proxy", "ALL_PROXY"])
    func `a dead proxy does not keep us from loopback`(_ name: String) async throws {
        let status = try await ChildTest.output(of: "asks a server of its own", [name: dead])
        #expect(status == "200 200 200")
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `asks a server of its own`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK")])
        var statuses: [String] = []
        for host in ["127.0.0.1", "localhost", "me-app.localhost"] {
            let url = try #require(URL(string: "http://\(host):\(server.port)/"))
            statuses.append("\(try await Self.client.send(Request("GET", url)).status)")
        }
        ChildTest.answer(statuses.joined(separator: " "))
    }

    @Test func `what is not loopback goes through the proxy`() async throws {
        let proxy = try ScriptedServer([.request, answer("200 OK", [], "by proxy")])
        let environment = ["http_proxy": "http://127.0.0.1:\(proxy.port)"]
        let text = try await ChildTest.output(of: "asks a machine that is not there", environment)
        #expect(text == "by proxy")
        #expect(proxy.connections.first?.hasPrefix("GET http://hub.invalid/x HTTP/1.1\r\n") == true)
    }

    @Test(.enabled(if: ChildTest.isRunning)) func `asks a machine that is not there`() async throws {
        let url = try #require(URL(string: "http://hub.invalid/x"))
        ChildTest.answer(try await Self.client.send(Request("GET", url)).text)
    }

    /// With the proxies of this process's environment.
    private static var client: Client {
        var options = ClientOptions()
        options.network = NetworkSettings(environment: ProcessInfo.processInfo.environment)
        return Client(options)
    }
}

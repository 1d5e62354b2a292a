import Foundation
import Testing

@testable import HTTP

struct NetworkSettingsTests {
    private func entry(_ key: String, _ value: String, for url: String? = nil) -> NetworkSettings.Entry {
        NetworkSettings.Entry(section: "http", subsection: url, key: key, value: value)
    }

    private func url(_ text: String) throws -> URL { try #require(URL(string: text)) }

    @Test func `http.proxy of Git has precedence over the environment, and an empty value means no proxy`()
        throws
    {
        let environment = ["https_proxy": "http://env:1", "no_proxy": "direct.example"]
        let hub = try url("https://hub.example/a")
        let plain = NetworkSettings(environment: environment, git: [entry("proxy", "http://git:2")])
        #expect(plain.proxySetting(for: hub) == SettingValue(value: "http://git:2", origin: "http.proxy"))
        #expect(plain.proxy(for: try url("https://direct.example/")) == nil)
        #expect(plain.proxy(for: try url("https://127.0.0.1:1/")) == nil)
        let none = NetworkSettings(
            environment: environment, git: [entry("proxy", "", for: "https://hub.example")])
        #expect(none.proxy(for: hub) == nil)
        #expect(none.proxySetting(for: try url("https://other.example/"))?.origin == "https_proxy")
    }

    @Test(arguments: [
        ("https://hub.example/a/b", "path"), ("https://hub.example/a/bc", "host"),
        ("https://hub.example/", "host"),
        ("https://x.hub.example/", "star"), ("https://x.y.hub.example/", "all"),
        ("http://hub.example/a/b", "all"),
        ("https://hub.example:444/a/b", "all"), ("https://me@hub.example/", "user"),
    ])
    func `the most specific http.<url> section applies`(_ address: String, _ expected: String) throws {
        let settings = NetworkSettings(git: [
            entry("sslCAInfo", "path", for: "https://hub.example/a/b"),
            entry("sslCAInfo", "host", for: "https://HUB.example:443/"),
            entry("sslCAInfo", "star", for: "https://*.hub.example"),
            entry("sslCAInfo", "user", for: "https://me@hub.example"), entry("sslCAInfo", "all"),
            entry("sslCAInfo", "odd", for: "hub.example"),
        ])
        #expect(settings.trust(for: try url(address)).authorities?.value == expected)
    }

    @Test func `the last of several equal settings applies`() throws {
        let settings = NetworkSettings(git: [entry("proxy", "http://a:1"), entry("proxy", "http://b:2")])
            .adding([entry("proxy", "http://c:3")])
        #expect(settings.proxy(for: try url("http://hub.example"))?.description == "http://c:3")
    }

    @Test
    func `certificates come from Git's variable, its configuration, then curl's and OpenSSL's variables`()
        throws
    {
        let hub = try url("https://hub.example/")
        var environment = [
            "GIT_SSL_CAINFO": "a", "CURL_CA_BUNDLE": "c", "SSL_CERT_FILE": "d", "SSL_CERT_DIR": "e",
            "HOME": "/home/me",
        ]
        let git = [entry("sslcainfo", "~/b"), entry("sslcert", "~/own"), entry("sslkey", "key")]
        var origins: [String?] = []
        for name in ["GIT_SSL_CAINFO", "http", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "none"] {
            let trust = NetworkSettings(
                environment: environment,
                git: environment["GIT_SSL_CAINFO"] == nil
                    && environment["http"] != nil ? [] : git
            ).trust(for: hub)
            origins.append(trust.authorities?.value)
            if name == "http" { environment["http"] = "read" } else { environment[name] = nil }
        }
        #expect(origins == ["a", "/home/me/b", "c", "d", nil])
        let trust = NetworkSettings(environment: environment, git: git).trust(for: hub)
        #expect(trust.certificate?.value == "/home/me/own" && trust.key?.origin == "http.sslKey")
        #expect(trust.authorityDirectory == SettingValue(value: "e", origin: "SSL_CERT_DIR"))
    }

    @Test(arguments: [
        ("gh:me/app", "https://github.com/me/app"), ("https://a.example/x", "https://mirror.example/a/x"),
        ("https://a.example/y/z", "ssh://git@y.example/z"), ("/srv/x", "/srv/x"),
        ("https://b.example", "https://b.example"),
    ])
    func `the longest matching insteadOf prefix is replaced`(_ address: String, _ expected: String) {
        func rule(_ base: String, _ prefix: String) -> NetworkSettings.Entry {
            NetworkSettings.Entry(section: "url", subsection: base, key: "insteadOf", value: prefix)
        }
        let settings = NetworkSettings(git: [
            rule("https://github.com/", "gh:"), rule("https://mirror.example/a/", "https://a.example/"),
            rule("ssh://git@y.example/", "https://a.example/y/"), rule("https://none.example/", ""),
        ])
        #expect(settings.rewritten(address) == expected)
    }
}

import Testing

@testable import SpacesModel
@testable import TextTools

/// Tests for the strict URL parser that determines which credentials are used.
struct RemoteURLTests {
    @Test(arguments: [
        ("https://github.com/x/y", "https", "github.com", 443),
        ("HTTPS://GitHub.com", "https", "github.com", 443),
        ("https://github.com:8443/x", "https", "github.com", 8443),
        ("http://localhost:80/", "http", "localhost", 80),
        ("https://[::1]:7860/x", "https", "::1", 7860),
        ("https://[2001:DB8::1]/", "https", "2001:db8::1", 443),
        ("ssh://git@h.org/x.git", "ssh", "h.org", 22), ("https://u:p@h.org/x?y#z", "https", "h.org", 443),
        ("https://h.org?@github.com/x", "https", "h.org", 443),
        ("https://h.org#@github.com/x", "https", "h.org", 443),
        ("https://127.0.0.1/x", "https", "127.0.0.1", 443),
        ("https://xn--bcher-kva.example/", "https", "xn--bcher-kva.example", 443),
        ("https://h.org/gr\u{FC}n/a b", "https", "h.org", 443),
        ("https://my_host.lan/", "https", "my_host.lan", 443),
    ])
    func `an origin is scheme, host and port`(text: String, scheme: String, host: String, port: Int) throws {
        let url = try RemoteURL(text)
        #expect(url.origin == URLOrigin(scheme: scheme, host: host, port: port))
    }

    @Test(arguments: [
        "", "github.com/x", "https:/github.com/x", "https:///github.com/x", "https:github.com", "://h.org",
        "https://",
        "https://@/x", "https://?x", "https://a@b@h.org/", "https://evil.test\\@github.com/",
        "https://h.org\\x",
        "https://h.org/\nhost=github.com", "https://h.org/a\tb", "https://h.org/\0", "https://h\u{0}.org/",
        "https://h%2eorg/", "https://evil.test%2fgithub.com/", "https://evil.test%40github.com/",
        "https://h.org%00/",
        "https://b\u{FC}cher.example/", "https://git\u{FF48}ub.com/", "https://\u{212A}elvin.org/",
        "https://github.com\u{3002}/", "https://h.org\u{2028}/", "https://h.org/\u{202E}gro",
        "https://h..org/",
        "https://h.org./", "https://.h.org/", "https://-oProxyCommand=x/", "ssh://-oProxyCommand=x/y",
        "ssh://-x@h.org/y", "https://h.org:/", "https://h.org:0/", "https://h.org:65536/",
        "https://h.org:08/",
        "https://h.org:8a/", "https://h.org:80:80/", "https://[::1/", "https://[::1]x/",
        "https://[fe80::1%25eth0]/",
        "https://[::1%0a]/", "https://[x::1]/", "https://[]/", "https://127.1/", "https://2130706433/",
        "https://0x7f.1/", "https://0177.0.0.1/", "https://1.2.3.256/", "https://h.org/@\u{8}",
        "ht tps://h.org/",
        "h\u{301}ttps://h.org/", "https://h.org /", " https://h.org/", "https://a b@h.org/",
    ])
    func `a URL that parsers could interpret differently is an error`(text: String) {
        #expect(throws: InvalidURL.self) { try RemoteURL(text) }
    }

    @Test(arguments: [
        ("https://h.org/x", true), ("https://h.org/x?y=1", true), ("ssh://git@h.org/x", true),
        ("https://u@h.org/x", false), ("https://u:p@h.org/x", false), ("https://h.org?@github.com/x", false),
        ("https://h.org#@github.com/x", false), ("https://h.org/@github.com/x", false),
        ("ssh://g:p@h.org/x", false),
        ("https://h.org/@\u{301}github.com/x", false), ("https://h.org/%0ahost=github.com", false),
        ("https://h.org/a%20b", true), ("https://h.org/%7F", false),
    ])
    func `an untrusted URL contains neither a user nor another at sign`(text: String, isValid: Bool) throws {
        #expect((try RemoteURL(text).objectionFromOutside == nil) == isValid)
    }

    @Test(arguments: [
        "-x@h.org:y", "git@-x:y", "git@-oProxyCommand=x:y", "git@h.org:-x", "git@h%2e:y", "git@h.org:a\nb",
        "git@h.org:",
        "ssh://-oProxyCommand=touch/x", "ssh://git@h.org/x?y", "https://h.org/x#y", "https:///x",
        "https:/h.org://x",
    ])
    func `a source that ssh or Git could misinterpret is rejected`(text: String) {
        #expect(SourceAddress(text).objection(isFromOutside: false) != nil, "\(SourceAddress(text))")
    }

    @Test(arguments: [
        "../x", "/srv/x.git", "./a:b", "file:///srv/x", "git@h.org:me/x.git", "https://u:p@h.org/x", "C:x",
        "ssh://git@h.org:22/x",
    ])
    func `a source of the operator is accepted`(text: String) {
        #expect(SourceAddress(text).objection(isFromOutside: false) == nil)
    }
}

/// Tests for removing credentials from URLs before display.
struct URLRedactionTests {
    private static let word = ["open", "sesame"].joined(separator: "-")

    @Test(arguments: [
        ("https://h.org/x.git", "https://h.org/x.git"), ("https://u:WORD@h.org/x", "https://h.org/x"),
        ("https://WORD@h.org:8443/x?token=WORD#WORD", "https://h.org:8443/x"),
        ("HTTPS://u:WORD@h.org", "https://h.org"),
        ("ssh://git:WORD@h.org/x", "ssh://git@h.org/x"), ("ssh://git@h.org:22/x", "ssh://git@h.org:22/x"),
        ("git@h.org:x.git", "git@h.org:x.git"), ("git:WORD@h.org:x.git?y=WORD", "git@h.org:x.git"),
        ("https://u:a/WORD@h.org/x", "https://…"), ("https://u:WORD#b@h.org/x", "https://…"),
        ("https://u:WORD?b@h.org/x", "https://…"), ("https://u/a:WORD@h.org/x", "https://u/…"),
        ("https://u:WORD@\u{301}h.org/x", "https://\u{301}h.org/x"),
        ("https://u:a@WORD@h.org/x", "https://h.org/x"),
        ("https://[::1]:80/x?WORD", "https://[::1]:80/x"),
        ("https://h.org/@scope/x", "https://h.org/@scope/x"),
        ("/srv/x@y:z", "/srv/x@y:z"), ("../x?y", "../x?y"), ("", ""),
        ("postgres://u:WORD@db/x", "postgres://db/x"),
    ])
    func `a location is shown without user, password, query and fragment`(text: String, shown: String) {
        let text = text.replacing("WORD", with: Self.word)
        #expect(text.redactedURL == shown)
        #expect(shown.redactedURL == shown, "twice is as once")
    }

    @Test(arguments: [
        ("fatal: https://u:WORD@h.org/x: not found", "fatal: https://h.org/x: not found"),
        (
            "see (https://h.org/x?t=WORD), or 'http://u:WORD@i.org'.",
            "see (https://h.org/x), or 'http://i.org'."
        ),
        ("a=https://h.org:8443: b", "a=https://h.org:8443: b"), ("no :// URL", "no :// URL"), ("://", "://"),
        ("https://u:WORD@h.org https://v:WORD@i.org/y", "https://h.org https://i.org/y"),
    ])
    func `every URL in a text is redacted`(text: String, shown: String) {
        #expect(text.replacing("WORD", with: Self.word).redactingURLs == shown)
    }

    @Test func `redacting only the user keeps query and fragment, so that settings can be distinguished`() {
        #expect("X=https://u:p@h.org/x?y=1#z".redactingUsers == "X=https://h.org/x?y=1#z")
    }
}

import Foundation
import Testing

@testable import CLI

/// Tests for the line protocol of Git's credential helpers, `git-credential(1)`.
struct CredentialRequestTests {
    private func request(_ url: String) throws -> CredentialRequest? {
        CredentialRequest(try #require(URL(string: url)))
    }

    @Test func `each field is one line`() throws {
        let text = try request("https://h.org:8443/me/a%20b.git")?.text
        #expect(text == "protocol=https\nhost=h.org:8443\npath=me/a b.git\n\n")
    }

    @Test(arguments: [
        "https://evil.test/%0aprotocol=https%0ahost=github.com", "https://evil.test/%0Ahost=github.com",
        "https://evil.test/%0d%0ahost=github.com", "https://evil.test/%0dhost=github.com",
        "https://evil.test/a%00b",
        "https://evil.test/%7f", "https://evil.test/%c2%85host=github.com",
    ])
    func `a URL that would inject a line is not requested`(url: String) throws {
        #expect(try request(url)?.text == nil)
    }

    @Test(arguments: ["http://h.org/x", "https://u@h%2e/x", "file:///x", "https://github.com./x"])
    func `a URL to which no credential is sent is not requested`(url: String) throws {
        #expect(try request(url) == nil)
    }

    @Test func `a response for another host, or an invalid one, is ignored`() throws {
        let request = try #require(try request("https://h.org/x"))
        #expect(request.credential(in: "username=u\npassword=p q\n")?.user == "u")
        #expect(request.credential(in: "protocol=https\nhost=h.org\nusername=u\npassword=p\n") != nil)
        #expect(request.credential(in: "protocol=https\nhost=github.com\nusername=u\npassword=p\n") == nil)
        #expect(request.credential(in: "protocol=http\nhost=h.org\nusername=u\npassword=p\n") == nil)
        #expect(request.credential(in: "username=u\npassword=a\u{0}b\n") == nil)
        #expect(request.credential(in: "username=u\rx\npassword=b\n") == nil)
        #expect(request.credential(in: "quit=1\nusername=u\npassword=b\n") == nil)
        #expect(request.credential(in: "") == nil)
    }
}

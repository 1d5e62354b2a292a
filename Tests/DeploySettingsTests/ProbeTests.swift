import Testing

@testable import DeploySettings
@testable import SpacesModel

/// Tests for parsing probes and probe headers.
struct ProbeTests {
    private let origin = SettingOrigin.flag("-c")

    @Test func `a path alone is a GET that accepts any 2xx or 3xx status`() throws {
        let probe = try Probe("/health?full=1")
        #expect((probe.method, probe.path, probe.status, probe.body) == ("GET", "/health?full=1", nil, nil))
        #expect(probe.isSatisfied(by: ProbeResponse(status: 204, body: [])))
        #expect(probe.isSatisfied(by: ProbeResponse(status: 302, body: [])))
        #expect(!probe.isSatisfied(by: ProbeResponse(status: 404, body: [])))
    }

    @Test func `the parts of a probe can be quoted and in any order`() throws {
        let probe = try Probe("post /api contains=\"hello world\" body=test/a.json 201")
        #expect((probe.method, probe.path, probe.status) == ("POST", "/api", 201))
        #expect((probe.body, probe.contains) == (Path("test/a.json"), "hello world"))
        #expect(probe.isSatisfied(by: ProbeResponse(status: 201, body: Array("oh, hello world!".utf8))))
        #expect(!probe.isSatisfied(by: ProbeResponse(status: 201, body: Array("hello".utf8))))
        #expect(!probe.isSatisfied(by: ProbeResponse(status: 200, body: Array("hello world".utf8))))
    }

    @Test(arguments: [
        "", "health", "GET", "GET health", "/a 999", "/a 200 201", "/a body=", "/a body=../x",
        "/a body=/etc/passwd",
        "/a contains=", "/a what", "/a contains=\"open", "https://elsewhere/",
    ])
    func `an invalid probe is rejected`(_ text: String) {
        #expect(throws: DeployError.self) { try Probe(text) }
    }

    @Test func `a word of a header's value may be a reference`() throws {
        let header = try ProbeHeader("Authorization: Bearer env:AUTH_TOKEN", from: origin)
        #expect(
            header.pieces == [
                .text("Bearer"), .value(ValueReference("Authorization", at: .environment("AUTH_TOKEN"))),
            ])
        #expect(try ProbeHeader("X-Run: nightly", from: origin).pieces == [.text("nightly")])
    }

    @Test(arguments: [
        "Authorization: Bearer hf_abc", "X-Api-Key: abc", "Cookie: a=b", "Bearer abc", ": x", "A B: x", "X:",
    ])
    func `a literal credential is rejected and not shown`(_ text: String) {
        let failure = #expect(throws: DeployError.self) { try ProbeHeader(text, from: origin) }
        #expect(failure?.message.contains("abc") == false)
    }
}

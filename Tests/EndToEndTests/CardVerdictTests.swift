import Foundation
import TestSupport
import Testing

@testable import HTTP

/// The Hub's card validation endpoint, called before anything is sent.
struct CardVerdictTests {
    private func asked(_ scene: Scene) async throws -> [HubProcess.Asked] {
        try await scene.hub.asked().filter { $0.path.hasPrefix("/api/validate-yaml") }
    }

    private func pushed(_ scene: Scene) async throws -> Repository {
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        return source
    }

    @Test func `the card is validated once, and only when the README changes`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        #expect(try await asked(scene).count == 1, "a Space that is made, too")
        try await scene.hub.forget()
        try await source.commit(["app.py": "print(2)\n"], "Change")
        _ = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(try await asked(scene).isEmpty)
        try await source.commit(["README.md": "---\ntitle: New\nsdk: docker\n---\n"], "Card")
        _ = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(try await asked(scene).count == 1)
        _ = try await scene.spacesync("plan", "me/demo", in: source.url, changing: ["HF_TOKEN": nil])
        #expect(try await asked(scene).count == 1, "without a token nobody is asked")
        _ = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(try await asked(scene).count == 2)
    }

    @Test(arguments: ["snapshot", "source"])
    func `an invalid card stops the deploy with the Hub's message`(history: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.hub.fault(
            """
            {"path":"/api/validate-yaml","status":400,"times":9,
             "body":{"errors":[{"message":"\\"title\\" is too good"}],"warnings":[]}}
            """)
        let push = try await scene.spacesync(
            "push", "me/demo", "--create", "-c", "history=\(history)", in: source.url)
        #expect(push.status == 6, "\(push)")
        #expect(push.err.contains(#"README.md:2: "title" is too good"#), "\(push)")
        #expect(try await scene.hub.asked().filter { $0.method != "GET" && $0.status != 400 }.isEmpty)
    }

    @Test func `a warning about the card is printed, and the deploy continues`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.hub.fault(
            #"{"path":"/api/validate-yaml","status":200,"body":{"warnings":[{"message":"no license"}]}}"#)
        let push = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(push.status == 0 && push.err.contains("README.md: no license"), "\(push)")
    }

    @Test(arguments: [
        #""status":404,"body":"Not Found""#, #""status":429,"headers":{"Retry-After":"300"},"body":"slow""#,
        #""status":500,"body":"<html>""#, #""status":200,"body":"no JSON""#, #""status":401,"body":"""#,
        #""status":400,"body":{"error":"odd"}"#, #""drop":true"#,
    ])
    func `a failing validation endpoint does not stop the deploy and is not retried`(fault: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.hub.fault("{\"path\":\"/api/validate-yaml\",\"times\":9,\(fault)}")
        let push = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", in: source.url,
            changing: ["SPACESYNC_RETRIES": "3"])
        #expect(push.status == 0, "\(push)")
        let count = try await asked(scene).count
        #expect(count == 1, "\(count)")
    }

    /// The local Hub and spacesync implement the rules independently, so that a test can compare them.
    @Test func `the local Hub validates cards with its own rules`() async throws {
        let scene = try await Scene()
        let card = #"{"content":"---\nsdk: docker\nemoji: [a]\n---\n","repoType":"space"}"#
        let answer = try await scene.hub.api("POST", "/validate-yaml", card)
        #expect(answer.status == 400 && answer.text.contains("emoji"), "\(answer)")
    }
}

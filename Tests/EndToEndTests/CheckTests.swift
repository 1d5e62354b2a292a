import Foundation
import TestSupport
import Testing

/// Preflight checks: all errors are reported at once before anything is sent, with path, line and fix.
struct CheckTests {
    /// A string in the format of a token that is not a real token.
    static let credential = "hf" + "_" + "QzWxEcRvTbYnUmIkOlPaSdFgHjKlZxCvBn"
    private static let brokenSource = [
        "Dockerfile": "FROM python\nENV API_KEY=abc\nCOPY ap.py .\n", "app.py": "KEY = '\(credential)'\n",
        "README.md": "---\ntitle: Shop\nsdk: docker\ncolorTo: orange\n---\n",
    ]

    private func offline(_ scene: Scene, _ line: String..., in directory: URL) async throws -> Finished {
        let unreachable: [String: String?] = ["HF_TOKEN": nil, "HF_ENDPOINT": "http://127.0.0.1:9"]
        return try await scene.spacesync(line, in: directory, changing: unreachable)
    }

    @Test func `check reports everything at once, without a token, a Hub or settings`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.brokenSource)
        let checked = try await offline(scene, "check", in: source.url)
        #expect(checked.status == 6, "\(checked)")
        for words in [
            "Dockerfile:1: warning: the base image python has no tag", "Dockerfile:2: warning: ENV API_KEY",
            "Dockerfile:3: COPY ap.py", "\n    did you mean app.py?",
            "README.md:4: \"colorTo\" must be one of", "app.py:1: contains what looks like",
        ] { #expect(checked.out.contains(words), "\(words): \(checked)") }
        #expect(checked.err.contains("error: source: 3 errors and 2 warnings"), "\(checked)")
        #expect(!(checked.out + checked.err).contains(Self.credential))
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test func `with --json each finding is an object, and the last object is the result`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.brokenSource)
        let checked = try await offline(scene, "check", "me/shop", "--json", in: source.url)
        let lines = try checked.out.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
        let found = lines.filter { $0["event"] as? String == "finding" }
        #expect(found.count == 5, "\(checked)")
        let copy = try #require(found.first { $0["rule"] as? String == "copy-source" })
        #expect(copy["path"] as? String == "Dockerfile" && copy["line"] as? Int == 3)
        #expect(copy["severity"] as? String == "error" && copy["mend"] as? String == "did you mean app.py?")
        #expect((copy["reason"] as? String)?.contains("COPY ap.py") == true)
        #expect(lines.last?["event"] as? String == "result" && lines.last?["exit"] as? Int == 6)
        #expect(lines.last?["space"] as? String == "me/shop")
    }

    @Test func `check succeeds with only warnings or no findings`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let good = try await offline(scene, "check", in: source.url)
        #expect(good.status == 0 && good.out.isEmpty, "\(good)")
        try await source.commit(["Dockerfile": "FROM python\nCOPY app.py .\n"], "Float")
        let warned = try await offline(scene, "check", in: source.url)
        #expect(warned.status == 0 && warned.out.contains("Dockerfile:1: warning: "), "\(warned)")
    }

    @Test func `check covers what the settings would deploy`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.brokenSource)
        try source.write([
            ".spacesync": """
            [space]
                card = colorTo: red
                allowCredential = /app.py
            [space "me/good"]
                map = Dockerfile.good:Dockerfile
            [space "me/bad"]
                timeout = 5m
            [space "me/other"]
                manual = true
            """
        ])
        try await source.commit(["Dockerfile.good": "FROM python:3\nCOPY app.py .\n"], "Good")
        let good = try await offline(scene, "check", "me/good", in: source.url)
        #expect(good.status == 0 && good.out.isEmpty, "\(good)")
        let all = try await offline(scene, "check", in: source.url)
        #expect(all.status == 6, "\(all)")
        #expect(all.err.contains("me/bad: 1 error") && !all.err.contains("me/other"), "\(all)")
    }

    @Test func `a credential in a file blocks the deploy until its path is allowed`() async throws {
        let scene = try await Scene()
        let files = ["app.py": "print(1)\nKEY = '\(Self.credential)'\n"]
        let source = try await scene.source(Scene.files.merging(files) { $1 })
        let refused = try await scene.spacesync("push", "me/demo", "--create", "--force", in: source.url)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("app.py:2: ") && refused.err.contains("allowCredential = /app.py"))
        #expect(!refused.err.contains(Self.credential))
        #expect(try await scene.hub.asked().allSatisfy { $0.method == "GET" }, "not even created")
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 9 && planned.out.contains("+ app.py"), "\(planned)")
        #expect(planned.err.contains("app.py:2: "), "\(planned)")
        let allowed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "-c", "allowCredential=*.py", in: source.url)
        #expect(allowed.status == 0, "\(allowed)")
        // The Space has the file now: a deploy of another file does not report it again.
        try await source.commit(["notes.txt": "x\n"], "Notes")
        let later = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(later.status == 0, "\(later)")
    }

    @Test func `with both kinds of findings, Hub errors come first and set the exit code`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.brokenSource)
        let refused = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(refused.status == 6, "\(refused)")
        let lines = refused.err.split(separator: "\n").map { String($0) }
        let card = try #require(lines.firstIndex { $0.contains("README.md:4: ") })
        let credential = try #require(lines.firstIndex { $0.contains("app.py:1: ") })
        #expect(card < credential, "\(refused)")
    }

    @Test func `errors in content that the Space already has do not block a deploy`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(first.status == 0, "\(first)")
        // The Space's broken Dockerfile was pushed by git alone: deploying the same tree is not refused.
        try await source.commit(["Dockerfile": "FROM python:3\nCOPY ap.py .\n"], "Break")
        let clone = try await scene.clone("me/demo")
        try await clone.commit(["Dockerfile": "FROM python:3\nCOPY ap.py .\n"], "Break")
        try await clone.git("push", "-q", "origin", "main")
        let again = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        // The exit code is 7 if that build has already failed, and 0 if it is still running.
        #expect([0, 7].contains(again.status) && !again.err.contains("would refuse"), "\(again)")
    }
}

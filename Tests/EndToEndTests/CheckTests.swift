import Foundation
import TestSupport
import Testing

/// What would go wrong is said before anything is sent: all at once, with path, line and what to do.
struct CheckTests {
    /// Looks like a token, and is none.
    static let credential = "hf" + "_" + "QzWxEcRvTbYnUmIkOlPaSdFgHjKlZxCvBn"
    private static let shop = [
        "Dockerfile": "FROM python\nENV API_KEY=abc\nCOPY ap.py .\n", "app.py": "KEY = '\(credential)'\n",
        "README.md": "---\ntitle: Shop\nsdk: docker\ncolorTo: orange\n---\n",
    ]

    private func deaf(_ scene: Scene, _ line: String..., in directory: URL) async throws -> Finished {
        let nobody: [String: String?] = ["HF_TOKEN": nil, "HF_ENDPOINT": "http://127.0.0.1:9"]
        return try await scene.spacesync(line, in: directory, changing: nobody)
    }

    @Test func `check says everything at once, without a token, a Hub or settings`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.shop)
        let checked = try await deaf(scene, "check", in: source.url)
        #expect(checked.status == 6, "\(checked)")
        for words in [
            "Dockerfile:1: warning: the base image python has no tag", "Dockerfile:2: warning: ENV API_KEY",
            "Dockerfile:3: COPY ap.py", "\n    did you mean app.py?",
            "README.md:4: \"colorTo\" must be one of", "app.py:1: holds what looks like",
        ] { #expect(checked.out.contains(words), "\(words): \(checked)") }
        #expect(checked.err.contains("error: source: 3 errors and 2 warnings"), "\(checked)")
        #expect(!(checked.out + checked.err).contains(Self.credential))
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test func `as JSON each finding is an object, and the last is the result`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.shop)
        let checked = try await deaf(scene, "check", "me/shop", "--json", in: source.url)
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

    @Test func `with warnings alone, or none, check is content`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let good = try await deaf(scene, "check", in: source.url)
        #expect(good.status == 0 && good.out.isEmpty, "\(good)")
        try await source.commit(["Dockerfile": "FROM python\nCOPY app.py .\n"], "Float")
        let warned = try await deaf(scene, "check", in: source.url)
        #expect(warned.status == 0 && warned.out.contains("Dockerfile:1: warning: "), "\(warned)")
    }

    @Test func `check looks at what the settings would deploy`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.shop)
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
        let good = try await deaf(scene, "check", "me/good", in: source.url)
        #expect(good.status == 0 && good.out.isEmpty, "\(good)")
        let all = try await deaf(scene, "check", in: source.url)
        #expect(all.status == 6, "\(all)")
        #expect(all.err.contains("me/bad: 1 error") && !all.err.contains("me/other"), "\(all)")
    }

    @Test func `a credential in a file stops a deploy, and passes by name`() async throws {
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
        // It is there now: a deploy of something else has nothing to say of it.
        try await source.commit(["notes.txt": "x\n"], "Notes")
        let later = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(later.status == 0, "\(later)")
    }

    @Test func `with both, what the Hub refuses comes first and gives the code`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Self.shop)
        let refused = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(refused.status == 6, "\(refused)")
        let lines = refused.err.split(separator: "\n").map { String($0) }
        let card = try #require(lines.firstIndex { $0.contains("README.md:4: ") })
        let credential = try #require(lines.firstIndex { $0.contains("app.py:1: ") })
        #expect(card < credential, "\(refused)")
    }

    @Test func `what a Space holds already is not held against a deploy`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(first.status == 0, "\(first)")
        // Pushed by git alone, and not to be built: the same tree again is what failed there, not refused here.
        try await source.commit(["Dockerfile": "FROM python:3\nCOPY ap.py .\n"], "Break")
        let clone = try await scene.clone("me/demo")
        try await clone.commit(["Dockerfile": "FROM python:3\nCOPY ap.py .\n"], "Break")
        try await clone.git("push", "-q", "origin", "main")
        let again = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        // 7 once that build has failed, 0 while it goes on.
        #expect([0, 7].contains(again.status) && !again.err.contains("would refuse"), "\(again)")
    }
}

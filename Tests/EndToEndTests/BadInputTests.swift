import Foundation
import TestSupport
import Testing

/// Invalid commands, settings, sources, tokens and Hubs: each error says what is wrong, why and
/// what to do, has its exit code, and nothing is sent.
struct BadInputTests {
    private static let wrong: [(line: [String], code: Int32, words: String)] = [
        (["psuh"], 2, "did you mean push?"), (["push", "--brunch", "x"], 2, "did you mean --branch?"),
        (["push", "a b"], 2, "use owner/name, each"), (["push", ""], 2, "\"\" is not a valid Space name"),
        (["push", "-c", "foo=1", "me/demo"], 2, "the keys are source, branch"),
        (["push", "me/demo", "--force=foo"], 2, "use one of: drift, deletes"),
        (["push", "me/demo", "-c", "keep=../x"], 2, "points outside the tree"),
        (["push", "me/demo", "--root", "/abs"], 2, "-" + "-root /abs: is an absolute path"),
        (["push", "-c", "brunch=x", "me/demo"], 2, "did you mean branch?"),
        (["push", "me/demo", "--force=foo"], 2, "unknown guard"),
        (["demo", "foo"], 2, "accepts no arguments"),
        (["push"], 2, "no Space specified"), (["--frobnicate"], 2, "no command"),
        (["watch"], 2, "watch requires exactly one Space"),
        (["push", "me/demo", "--sdk", "dokcer"], 2, "did you mean docker?"),
        (["push", "me/demo", "--timeout", "soon"], 2, "not a valid duration"),
        (["push", "me/demo", "--config", "/nowhere"], 3, "cannot read the settings file"),
        (["push", "me/demo", "--branch", "nowhere"], 4, "webai2hf"),
        (["push", "me/demo", "--source", "/nowhere/at/all"], 4, "no such directory"),
        (["push", "me/demo", "--source", "http://example.com/x.git"], 4, "https"),
        (["push", "me/demo", "--token-file", "/nowhere"], 5, "token file not found"),
        (["push", "me/demo", "--dockerfile", "Dockerfil", "--create"], 3, "did you mean Dockerfile?"),
        (["push", "me/demo", "--include", "ap.py", "--create"], 3, "did you mean app.py?"),
        (["push", "me/demo", "--root", "ap", "--create"], 3, "git ls-tree -r --name-only webai2hf\n"),
        (["push", "me/nobody-made-this"], 6, "--create"),
    ]

    @Test(arguments: wrong)
    func `an invalid command line fails with a hint, and nothing is sent`(
        line: [String], code: Int32, words: String
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let finished = try await scene.spacesync(line, in: source.url)
        #expect(finished.status == code, "\(finished)")
        #expect(finished.err.contains(words), "\(finished)")
        #expect(finished.out.isEmpty)
        let writes = try await scene.hub.asked().filter {
            $0.method == "POST" && !$0.path.hasSuffix("upload-pack")
        }
        #expect(writes.isEmpty, "\(writes)")
    }

    @Test func `an unreachable Hub fails with a hint to check its address`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync(
            "push", "me/demo", in: source.url, changing: ["HF_ENDPOINT": "http://127.0.0.1:9"])
        #expect(pushed.status == 75 && pushed.err.contains("hint: check the Hub's address"), "\(pushed)")
    }

    @Test func `a folder that is not a repository fails with the git commands to create one`() async throws {
        let scene = try await Scene()
        let empty = try TestDirectory()
        let finished = try await scene.spacesync("push", "me/demo", in: empty.url)
        #expect(finished.status == 4, "\(finished)")
        #expect(finished.err.contains("git init"))
    }

    @Test(arguments: [
        ("hf_wrong", 5, "rejected the token"), ("hf_expired", 5, "rejected the token"),
        ("hf_read", 5, "write"), ("", 5, "no Hub token"),
    ])
    func `a missing, invalid or read-only token is reported as such`(
        token: String, code: Int32, words: String
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try await source.commit(["app.py": "print(1)\n"], "Change")
        let finished = try await scene.spacesync(
            "push", "me/demo", in: source.url, changing: ["HF_TOKEN": token])
        #expect(finished.status == code, "\(finished)")
        #expect(finished.err.contains(words), "\(finished)")
        #expect(finished.err.contains("hint: "))
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }

    @Test func `another user's private Space is reported as missing or not visible`() async throws {
        let scene = try await Scene(hub: ["--token", "ann-token=ann:write"])
        let source = try await scene.source()
        let hers = try await scene.spacesync(
            "push", "ann/secret", "--create", in: source.url, changing: ["HF_TOKEN": "ann-token"])
        #expect(hers.status == 0, "\(hers)")
        let mine = try await scene.spacesync("push", "ann/secret", in: source.url)
        #expect(mine.status == 6, "\(mine)")
        #expect(mine.err.contains("cannot access it"))
    }

    @Test func `all errors in the settings are reported at once`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write([
            ".spacesync": """
            [space "me/demo"]
                brunch = webai2hf
                sdk = dokcer
                map = a:b:c
            [account "me"]
                token = not-a-reference
            """
        ])
        let finished = try await scene.spacesync("push", in: source.url)
        #expect(finished.status == 3, "\(finished)")
        for words in ["brunch", "did you mean branch?", "did you mean docker?", "a:b:c", "account"] {
            #expect(finished.err.contains(words), "\(words): \(finished)")
        }
        #expect(!finished.err.contains("not-a-reference"))
    }

    @Test(arguments: [
        "[space \"me/demo\"\n", "[include]\npath = /dev/zero\n", "key_with = x\n", "\u{0}\u{1}\u{2}",
    ])
    func `a malformed settings file stops before anything is sent`(text: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write([".spacesync": text])
        let finished = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(finished.status == 3, "\(finished)")
        #expect(finished.err.contains(".spacesync"), "\(finished)")
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test(arguments: [
        ("---\ntitle: x\n# never closed\n", "is not closed"),
        ("---\nsdk: docker\ncolorFrom: orange\n---\n", "colorFrom"),
        ("---\nsdk: [docker\n---\n", "README.md"),
    ])
    func `a README with broken front matter is refused before the push`(readme: String, words: String)
        async throws
    {
        let scene = try await Scene()
        var files = Scene.files
        files["README.md"] = readme
        let source = try await scene.source(files)
        let finished = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(finished.status == 6, "\(finished)")
        #expect(finished.err.contains(words), "\(finished)")
        #expect(try await scene.hub.asked().allSatisfy { $0.method != "POST" })
    }

    @Test func `a Docker Space without a Dockerfile is refused before the push`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(["README.md": "---\nsdk: docker\n---\n", "app.py": ""])
        let finished = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(finished.status == 6, "\(finished)")
        // An empty app.py gives a Dockerfile template nothing to start.
        #expect(
            finished.err.contains("NO_APP_FILE") && finished.err.contains("nothing to start"), "\(finished)")
    }

    @Test func `the Hub's own error message explains a rejected deploy`() async throws {
        let scene = try await Scene()
        // Only the Hub has the current list of licences.
        let card = "---\ntitle: Demo\nsdk: docker\nlicense: mine\n---\n# Demo\n"
        let source = try await scene.source(Scene.files.merging(["README.md": card]) { $1 })
        let asked = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(asked.status == 6 && asked.err.contains("the Hub would refuse this deploy"), "\(asked)")
        #expect(asked.err.contains("README.md:4: \"license\" must be one of [apache-2.0, "), "\(asked)")
        #expect(asked.err.contains("more]\n") && asked.err.contains("repositories-licenses"), "\(asked)")
        #expect(!asked.err.contains("spacesync check"), "which asks no Hub: \(asked)")
        // If the card validation endpoint is missing, the push itself is rejected with the same reason.
        try await scene.hub.fault(#"{"path":"/api/validate-yaml","status":404,"body":"Not Found"}"#)
        let finished = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(finished.status == 6, "\(finished)")
        #expect(finished.err.contains("the Hub refused the push"), "\(finished)")
        #expect(finished.err.contains("\"license\" must be one of [apache-2.0, "), "\(finished)")
    }
}

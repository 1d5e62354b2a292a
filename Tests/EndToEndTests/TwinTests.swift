import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Parity of checks: for every rule that the Hub enforces, spacesync refuses the same commit with
/// the same reason as the Hub refuses a plain `git push`, before anything is sent.
struct TwinTests {
    @Test func `rules for files and directories`() async throws {
        let scene = try await Scene()
        try await twins(scene, ["binary files"], at: "logo.png", flags: ["-c", "lfs=off"]) { source in
            try Data([0x89, 0x50, 0, 1]).write(to: source.url.appending(path: "logo.png"))
            try await source.commit([:], "Binary")
        }
        try await twins(scene, ["files larger than 10 MiB"], at: "words.txt", flags: ["-c", "lfs=off"]) {
            source in
            let lines = String(repeating: "words and words\n", count: (10 << 16) + 1)
            try await source.commit(["words.txt": lines], "Large")
        }
        let hash = String(repeating: "ab", count: 32)
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(hash)\nsize 5\n"
        try await twins(scene, ["LFS pointer"], at: "model.dat", message: "LFS object not found") { source in
            try await source.commit(["model.dat": pointer], "Pointer")
        }
        try await twins(scene, "too many files per directory", at: "many") { try await fill($0) }
    }

    /// Commits 10,001 files of one blob, without writing them to the disk.
    private func fill(_ source: Repository) async throws {
        let id = try await source.git("rev-parse", "HEAD:app.py")
        let lines = (0...10_000).map { "100644 \(id)\tmany/\($0)\n" }.joined()
        _ = try await run(
            try Peer.git.found(), ["update-index", "--add", "--index-info"],
            environment: gitEnvironment(home: source.home), directory: source.url, input: Data(lines.utf8))
        try await source.git("commit", "-q", "-m", "Many")
    }

    /// An invalid value for every key that the Hub has a rule for.
    private static let wrong: [(line: String, words: String)] = [
        ("title: [a]", "\"title\" must be a string"), ("emoji: [a]", "\"emoji\" must be a string"),
        ("colorFrom: orange", "\"colorFrom\" must be one of [red, yellow, green, blue, indigo, purple,"),
        ("colorTo: teal", "\"colorTo\" must be one of [red,"),
        ("app_file: [a]", "\"app_file\" must be a string"),
        ("app_build_command: [a]", "\"app_build_command\" must be a string"),
        ("thumbnail: [a]", "\"thumbnail\" must be a string"),
        ("suggested_hardware: [a]", "\"suggested_hardware\" must be a string"),
        ("suggested_storage: huge", "\"suggested_storage\" must be one of [small, medium, large]"),
        (
            "short_description: \(String(repeating: "long ", count: 13))",
            "\"short_description\" length must be less than or equal to 60 characters long"
        ),
        ("header: tall", "\"header\" must be one of [mini, default]"),
        ("pinned: maybe", "\"pinned\" must be a boolean"),
        ("fullWidth: wide", "\"fullWidth\" must be a boolean"),
        ("hf_oauth: perhaps", "\"hf_oauth\" must be a boolean"),
        ("disable_embedding: never", "\"disable_embedding\" must be a boolean"),
        ("tags: one", "\"tags\" must be an array"), ("models: one", "\"models\" must be an array"),
        ("datasets: one", "\"datasets\" must be an array"),
        ("preload_from_hub: one", "\"preload_from_hub\" must be an array"),
        ("hf_oauth_scopes: one", "\"hf_oauth_scopes\" must be an array"),
        (
            "hf_oauth_expiration_minutes: 43201",
            "\"hf_oauth_expiration_minutes\" must be less than or equal to 43200"
        ),
        ("app_port: 70000", "\"app_port\" must be less than or equal to 65535"),
        ("base_path: docs", "\"base_path\" must start with \"/\""),
        (
            "custom_headers: {cross-origin-opener-policy: any}",
            "\"custom_headers.cross-origin-opener-policy\" must be one of [same-origin,"
        ),
    ]

    @Test func `rules for values of the card`() async throws {
        let scene = try await Scene()
        let card = "---\nsdk: docker\n" + Self.wrong.map { $0.line + "\n" }.joined() + "---\n"
        try await twins(scene, Self.wrong.map(\.words), at: "README.md:3") {
            try await $0.commit(["README.md": card], "Card")
        }
        let more = "---\nsdk: docker\napp_port: http\ncustom_headers: {x-frame: y}\n---\n"
        let words = ["\"app_port\" must be a number", "\"custom_headers.x-frame\" is not allowed"]
        try await twins(scene, words, at: "README.md:4", named: "more") {
            try await $0.commit(["README.md": more], "Card")
        }
        let kind = "---\ntitle: Demo\nsdk: dokcer\n---\n"
        try await twins(scene, "\"sdk\" must be one of [gradio, docker, static]", at: "README.md:3") {
            try await $0.commit(["README.md": kind], "Card")
        }
    }

    /// A name that is `.git` on some file systems: no checkout accepts it, and so no build.
    @Test func `rules for names that Git reserves`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let blob = try await source.git("rev-parse", "HEAD:app.py")
        let made = try await run(
            try Peer.git.found(), ["mktree"], environment: gitEnvironment(home: source.home),
            directory: source.url,
            input: Data("100644 blob \(blob)\t.GIT\n100644 blob \(blob)\tapp.py\n".utf8))
        let tree = made.out.trimmingCharacters(in: .newlines)
        let odd = try await source.git("commit-tree", "-m", "Odd", tree)
        try await source.git("update-ref", "refs/heads/webai2hf", odd)
        #expect(try await plainPush(of: source, scene) == "the Hub took it")
        await #expect(throws: Repository.GitTrouble.self) { try await scene.clone("me/twin") }
        try await scene.hub.forget()
        let refused = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect([4, 6].contains(refused.status) && refused.err.contains(".GIT"), "\(refused)")
        #expect(try await scene.hub.asked().allSatisfy { $0.method == "GET" })
    }

    /// Content that the Hub accepts but cannot build: spacesync reports the same stage and reason beforehand.
    @Test(
        arguments: [
            (["Dockerfile": nil, "app.py": nil], "NO_APP_FILE", "NO_APP_FILE", "the tree has no Dockerfile"),
            (["Dockerfile": ""], "BUILD_ERROR", "Dockerfile cannot be empty", "Dockerfile is empty"),
            (
                ["Dockerfile": "FROM a\nRUNN b\n"], "BUILD_ERROR", "unknown instruction: RUNN",
                "unknown instruction: RUNN"
            ),
            (
                ["Dockerfile": "FROM a\nCOPY gone.txt .\n"], "BUILD_ERROR", "\"/gone.txt\": not found",
                "COPY gone.txt: no such path"
            ),
            (
                ["README.md": "---\nsdk: gradio\n---\n", "app.py": nil], "NO_APP_FILE", "NO_APP_FILE",
                "app_file app.py"
            ),
        ] as [([String: String?], String, String, String)])
    func `rules for builds that cannot succeed`(
        _ files: [String: String?], stage: String, hub: String, message: String
    )
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        for (name, text) in files {
            if let text { try source.write([name: text]) } else { try await source.git("rm", "-q", name) }
        }
        try await source.commit([:], "Break")
        #expect(try await plainPush(of: source, scene) == "the Hub took it")
        let words = hub.replacing("\"", with: "\\\"")
        let runtime = try await runtime("me/twin", scene, until: words)
        #expect(runtime.contains(stage) && runtime.contains(words), "\(runtime)")
        try await scene.hub.forget()
        let refused = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(refused.status == 6 && refused.err.contains(message), "\(refused)")
        #expect(try await scene.hub.asked().allSatisfy { $0.method == "GET" })
    }

    /// Returns the runtime JSON once it contains `words`, or after about 100 seconds.
    private func runtime(_ space: String, _ scene: Scene, until words: String) async throws -> String {
        var text = ""
        for _ in 0..<2_000 where !text.contains(words) {
            let answer = try await scene.hub.api("GET", "/spaces/\(space)/runtime")
            text = String(decoding: answer.body, as: UTF8.self)
            if !text.contains(words) { try await Task.sleep(for: .milliseconds(50)) }
        }
        return text
    }

    private func twins(
        _ scene: Scene, _ words: String, at location: String, _ breakRule: (Repository) async throws -> Void
    ) async throws { try await twins(scene, [words], at: location, breakRule) }

    /// - Parameters:
    ///   - location: the path in our message, with its line if it has one.
    ///   - message: a part of our message; `nil` if it has the Hub's words.
    private func twins(
        _ scene: Scene, _ words: [String], at location: String, named name: String = "source",
        flags: [String] = [], message: String? = nil, _ breakRule: (Repository) async throws -> Void
    ) async throws {
        let source = try await scene.source(named: "\(name) \(location)")
        try await breakRule(source)
        let plain = try await plainPush(of: source, scene)
        for word in words { #expect(plain.contains(word), "\(plain)") }
        #expect(plain.contains("pre-receive hook declined"), "\(plain)")
        try await scene.hub.forget()
        let pushed = try await scene.spacesync(["push", "me/demo", "--create"] + flags, in: source.url)
        #expect(pushed.status == 6 && pushed.err.contains("\(location): "), "\(pushed)")
        let ours = message.map { [$0] } ?? words
        for word in ours { #expect(pushed.err.contains(word), "\(pushed)") }
        // A POST request also asks whether the Space has an LFS object.
        let sent = try await scene.hub.asked().filter {
            $0.method != "GET" && !$0.path.hasSuffix("/objects/batch")
        }
        #expect(sent.isEmpty, "\(sent)")
        let planned = try await scene.spacesync(["plan", "me/demo"] + flags, in: source.url)
        #expect(planned.status == 6 && planned.err.contains(ours[0]), "\(planned)")
    }

    /// Returns the Hub's response to a plain `git push`.
    private func plainPush(of source: Repository, _ scene: Scene) async throws -> String {
        _ = try await scene.hub.api(
            "POST", "/repos/create", #"{"type":"space","name":"twin","sdk":"docker"}"#)
        let remote = scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@") + "/spaces/me/twin"
        do {
            try await source.git("push", "--force", remote, "webai2hf:main")
            return "the Hub took it"
        } catch let trouble as Repository.GitTrouble {
            return trouble.finished.err
        }
    }
}

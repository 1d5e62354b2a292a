import Foundation
import TestSupport
import Testing

/// For every rule that the Hub enforces: its refusal of a plain `git push`, and ours of the same commit before anything
/// is sent, give the same reason.
struct TwinTests {
    @Test func `files and directories`() async throws {
        let scene = try await Scene()
        try await twins(scene, "binary files", at: "logo.png") { source in
            try Data([0x89, 0x50, 0, 1]).write(to: source.url.appending(path: "logo.png"))
            try await source.commit([:], "Binary")
        }
        try await twins(scene, "files larger than 10 MiB", at: "words.txt") { source in
            let lines = String(repeating: "words and words\n", count: (10 << 16) + 1)
            try await source.commit(["words.txt": lines], "Large")
        }
        let hash = String(repeating: "ab", count: 32)
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(hash)\nsize 5\n"
        try await twins(scene, "LFS pointer", at: "model.dat") { source in
            try await source.commit(["model.dat": pointer], "Pointer")
        }
        try await twins(scene, "too many files per directory", at: "many") { try await fill($0) }
    }

    /// 10,001 files of one blob, without writing any to the disk.
    private func fill(_ source: Repository) async throws {
        let id = try await source.git("rev-parse", "HEAD:app.py")
        let lines = (0...10_000).map { "100644 \(id)\tmany/\($0)\n" }.joined()
        _ = try await run(
            try Peer.git.found(), ["update-index", "--add", "--index-info"],
            environment: gitEnvironment(home: source.home), directory: source.url, input: Data(lines.utf8))
        try await source.git("commit", "-q", "-m", "Many")
    }

    @Test func `values of the card`() async throws {
        let scene = try await Scene()
        let words = [
            "\"colorFrom\" must be one of [red, yellow, green, blue, indigo, purple,",
            "\"short_description\" length must be less than or equal to 60 characters long",
            "\"header\" must be one of [mini, default]", "\"pinned\" must be a boolean",
            "\"tags\" must be an array", "\"app_port\" must be a number",
            "\"base_path\" must start with \"/\"",
        ]
        let long = String(repeating: "long ", count: 13)
        let card = """
            ---
            sdk: docker
            colorFrom: orange
            short_description: \(long)
            header: tall
            pinned: maybe
            tags: one
            app_port: http
            base_path: docs
            ---
            """
        try await twins(scene, words, at: "README.md:3") { try await $0.commit(["README.md": card], "Card") }
        let kind = "---\ntitle: Demo\nsdk: dokcer\n---\n"
        try await twins(scene, "\"sdk\" must be one of [gradio, docker, static]", at: "README.md:3") {
            try await $0.commit(["README.md": kind], "Card")
        }
    }

    private func twins(
        _ scene: Scene, _ words: String, at place: String, _ breakRule: (Repository) async throws -> Void
    ) async throws { try await twins(scene, [words], at: place, breakRule) }

    /// - Parameter place: what we name, with its line where it has one.
    private func twins(
        _ scene: Scene, _ words: [String], at place: String, _ breakRule: (Repository) async throws -> Void
    ) async throws {
        let source = try await scene.source(named: "source \(place)")
        try await breakRule(source)
        let plain = try await plainPush(of: source, scene)
        for word in words { #expect(plain.contains(word), "\(plain)") }
        #expect(plain.contains("pre-receive hook declined"), "\(plain)")
        try await scene.hub.forget()
        let ours = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(ours.status == 6 && ours.err.contains("\(place): "), "\(ours)")
        for word in words { #expect(ours.err.contains(word), "\(ours)") }
        let sent = try await scene.hub.asked().filter { $0.method != "GET" }
        #expect(sent.isEmpty, "\(sent)")
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 6 && planned.err.contains(words[0]), "\(planned)")
    }

    /// What the Hub says to git itself.
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

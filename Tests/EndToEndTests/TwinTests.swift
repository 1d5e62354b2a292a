import Foundation
import TestSupport
import Testing

/// For every rule that the Hub enforces: its refusal of a plain `git push`, and ours of the same commit before anything
/// is sent, give the same reason.
struct TwinTests {
    @Test func `binary files`() async throws {
        try await twins("binary files", at: "img/logo.png") { source in
            let folder = source.url.appending(path: "img")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data([0x89, 0x50, 0, 1]).write(to: folder.appending(path: "logo.png"))
        }
    }

    @Test func `files over 10 MiB`() async throws {
        try await twins("files larger than 10 MiB", at: "words.txt") { source in
            let line = Data("words and words\n".utf8)
            var text = Data()
            while text.count <= 10 << 20 { text += line }
            try text.write(to: source.url.appending(path: "words.txt"))
        }
    }

    @Test func `pointers without their object`() async throws {
        let hash = String(repeating: "ab", count: 32)
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(hash)\nsize 5\n"
        try await twins("LFS pointer", at: "model.dat") { try $0.write(["model.dat": pointer]) }
    }

    @Test func `more than 10,000 entries in a directory`() async throws {
        try await twins("too many files per directory", at: "many") { source in
            try source.write(["many/0": "x\n"])
            try await source.git("add", "many/0")
            let id = try await source.git("rev-parse", ":many/0")
            let lines = (0...10_000).map { "100644 \(id)\tmany/\($0)\n" }.joined()
            for number in 0...10_000 { try source.write(["many/\(number)": "x\n"]) }
            _ = try await run(
                try Peer.git.found(), ["update-index", "--add", "--index-info"],
                environment: gitEnvironment(home: source.home), directory: source.url,
                input: Data(lines.utf8))
        }
    }

    @Test(arguments: [
        ("colorFrom: orange", "\"colorFrom\" must be one of [red, yellow, green, blue, indigo, purple,"),
        ("colorTo: '#fff'", "\"colorTo\" must be one of [red,"),
        (
            "short_description: \(String(repeating: "long ", count: 13))",
            "\"short_description\" length must be less than or equal to 60 characters long"
        ),
        ("sdk: dokcer", "\"sdk\" must be one of [gradio, docker, static]"),
        ("header: tall", "\"header\" must be one of [mini, default]"),
        ("pinned: maybe", "\"pinned\" must be a boolean"), ("tags: one", "\"tags\" must be an array"),
        ("app_port: http", "\"app_port\" must be a number"),
        ("base_path: docs", "\"base_path\" must start with \"/\""),
    ])
    func `values of the card`(line: String, words: String) async throws {
        let kind = line.hasPrefix("sdk:") ? "" : "sdk: docker\n"
        try await twins(words, at: "README.md:\(kind.isEmpty ? 3 : 4)") {
            try $0.write(["README.md": "---\ntitle: Demo\n\(kind)\(line)\n---\n# Demo\n"])
        }
    }

    /// - Parameter place: what we name, with its line where it has one.
    private func twins(
        _ words: String, at place: String, _ breakRule: (Repository) async throws -> Void
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await breakRule(source)
        try await source.commit([:], "Break a rule")
        let plain = try await plainPush(of: source, scene)
        #expect(plain.contains(words), "\(plain)")
        #expect(plain.contains("pre-receive hook declined"), "\(plain)")
        try await scene.hub.forget()
        let ours = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(ours.status == 6, "\(ours)")
        #expect(ours.err.contains("\(place): ") && ours.err.contains(words), "\(ours)")
        let sent = try await scene.hub.asked().filter { $0.method != "GET" }
        #expect(sent.isEmpty, "\(sent)")
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 6 && planned.err.contains(words), "\(planned)")
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

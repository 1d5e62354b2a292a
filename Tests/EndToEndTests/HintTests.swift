import Foundation
import TestSupport
import Testing

/// Suggested commands have the Space and flags that they need, and do what the hint says.
struct HintTests {
    /// Runs the command that follows `words` in the text.
    private func typed(
        _ words: String, in text: String, _ scene: Scene, _ source: Repository
    ) async throws -> Finished {
        let tail = try #require(text.components(separatedBy: words).dropFirst().first, "\(text)")
        let line = tail.prefix { $0 != "\n" && $0 != ")" }.split(separator: " ").map { String($0) }
        return try await scene.spacesync(line, in: source.url)
    }

    @Test func `the suggested check command shows again what the Hub would refuse`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(["index.html": "hi\n", "README.md": "---\nsdk: static\n---\n"])
        let refused = try await scene.spacesync(
            "push", "me/web", "--sdk", "docker", "--create", in: source.url)
        #expect(refused.status == 6, "\(refused)")
        let checked = try await typed("to see all findings: spacesync ", in: refused.err, scene, source)
        #expect(
            checked.status == 6 && checked.out.contains("the tree has no Dockerfile"), "\(checked)")
        let begun = try await scene.spacesync("init", "me/web", "--sdk", "docker", in: source.url)
        #expect(begun.status == 6 && begun.err.contains("nothing was written"), "\(begun)")
        let again = try await typed("to see all findings: spacesync ", in: begun.err, scene, source)
        #expect(again.status == 6 && again.out.contains("the tree has no Dockerfile"), "\(again)")
    }

    @Test func `the suggested check command shows a binary file in an old commit again`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(["a.bin": "\u{0}\u{1}"]) { $1 })
        try await source.git("rm", "-q", "a.bin")
        try await source.commit([:], "Take it out")
        let refused = try await scene.spacesync(
            "push", "me/demo", "-c", "history=source", "--create", in: source.url)
        #expect(refused.status == 6 && refused.err.contains("a.bin"), "\(refused)")
        let checked = try await typed("to see all findings: spacesync ", in: refused.err, scene, source)
        #expect(checked.status == 6 && checked.out.contains("a.bin: is binary"), "\(checked)")
    }

    @Test func `a truncated plan suggests the command that prints it completely`() async throws {
        let scene = try await Scene()
        let many = Dictionary(uniqueKeysWithValues: (1...20).map { ("f\($0).txt", "x\n") })
        let source = try await scene.source(Scene.files.merging(many) { $1 })
        let refused = try await scene.spacesync(
            "push", "me/demo", "--create", "--exclude", "f1.txt", "-m", "x", in: source.url)
        #expect(refused.status == 0, "\(refused)")
        #expect(
            refused.err.contains("(all of them: spacesync plan me/demo --create --exclude f1.txt)"),
            "\(refused)")
        let planned = try await typed("all of them: spacesync ", in: refused.err, scene, source)
        #expect(planned.status == 0 && planned.out == "nothing to change\n", "\(planned)")
    }

    @Test func `a folder with an HTML page gets the hint to push it as a static Space`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(["index.html": "hi\n"])
        let refused = try await scene.spacesync("push", "me/web", "--create", in: source.url)
        #expect(refused.status == 3, "\(refused)")
        #expect(refused.err.contains("hint: spacesync push me/web --create --sdk static\n"), "\(refused)")
    }

    @Test func `check of a folder names no Space and leaves no cache files`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(["index.html": "hi\n"], named: "page")
        let asked = try await scene.spacesync("check", in: source.url)
        #expect(asked.status == 3 && asked.err.contains("=====> page\n"), "\(asked)")
        #expect(asked.err.contains("hint: spacesync check --sdk static\n"), "\(asked)")
        let checked = try await typed("hint: spacesync ", in: asked.err, scene, source)
        #expect(checked.status == 0, "\(checked)")
        let json = try await scene.spacesync("check", "--json", in: source.url)
        #expect(json.events("result").last?["space"] is NSNull, "\(json)")
        let cache = scene.folder.path + "/home/.cache/spacesync"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        #expect(names.isEmpty, "\(names)")
    }

    @Test func `an invalid README is one finding among others`() async throws {
        let scene = try await Scene()
        let broken = ["README.md": "---\nsdk: [docker\n---\n", "Dockerfile": "FROM python:3\nCOPY ap.py .\n"]
        let source = try await scene.source(Scene.files.merging(broken) { $1 })
        let checked = try await scene.spacesync("check", in: source.url)
        #expect(checked.status == 6, "\(checked)")
        #expect(
            checked.out.contains("README.md:2: the bracket") && checked.out.contains("Dockerfile:2: "),
            "\(checked)")
    }

    @Test func `a file name is quoted as Git quotes it`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(["conf\nnew.txt": "x\n"]) { $1 })
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.out.contains(#"+ "conf\nnew.txt""#), "\(planned)")
        let json = try await scene.spacesync("plan", "me/demo", "--json", in: source.url)
        #expect(json.out.contains(#""path":"conf\nnew.txt""#), "\(json)")
    }

    @Test func `watch reports a Space as running in text, and as deployed in JSON`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "-c", "timeout=5m", in: source.url)
        #expect(pushed.status == 0 && pushed.err.contains("me/demo deployed at"), "\(pushed)")
        let watched = try await scene.spacesync("watch", "me/demo", in: source.url)
        #expect(watched.status == 0 && watched.err.contains("-----> me/demo running at"), "\(watched)")
        let json = try await scene.spacesync("watch", "me/demo", "--json", in: source.url)
        #expect(json.result("outcome") == "deployed", "\(json)")
    }

    @Test(arguments: [["hub", "extra"], ["demo", "extra"]])
    func `an extra argument is an error, and nothing starts`(line: [String]) async throws {
        let scene = try await Scene()
        let finished = try await scene.spacesync(line)
        #expect(
            finished.status == 2 && finished.err.contains("accepts no arguments: \"extra\""), "\(finished)")
    }
}

/// Attribution of output lines when a command concerns several Spaces.
struct SeveralSpacesTests {
    private let settings = "[space \"me/a\"]\n\tsdk = docker\n[space \"me/b\"]\n\tbranch = nowhere\n"

    @Test func `errors of a quiet run name their Space`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write([".spacesync": settings])
        let pushed = try await scene.spacesync("push", "--quiet", in: source.url)
        #expect(pushed.err.contains("error: Space me/a does not exist at"), "\(pushed)")
        #expect(pushed.err.contains("error: me/b: "), "\(pushed)")
        #expect(!pushed.err.contains("error: me/a: "), "\(pushed)")
    }

    @Test func `plans of several Spaces are printed under their names`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let made = try await scene.spacesync("push", "me/a", "me/b", "--create", "--no-wait", in: source.url)
        #expect(made.status == 0, "\(made)")
        let line = ["me/a", "me/b", "--branch", "webai2hf"]
        let planned = try await scene.spacesync(["plan"] + line, in: source.url)
        let both = "=====> me/a\nnothing to change\n=====> me/b\nnothing to change\n"
        #expect(planned.status == 0 && planned.out == both, "\(planned)")
        let dry = try await scene.spacesync(["push", "-qn"] + line, in: source.url)
        #expect(dry.status == 0 && dry.out == both, "\(dry)")
        let one = try await scene.spacesync("push", "me/a", "-n", in: source.url)
        #expect(one.out == "nothing to change\n", "\(one)")
    }

    @Test func `a repeated push of a failed build suggests --rebuild`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        files["Dockerfile"] = "FROM a\nRUN false\n"
        let source = try await scene.source(files)
        let first = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(first.status == 7 && !first.err.contains("--rebuild"), "\(first)")
        let again = try await scene.spacesync("push", "me/demo", in: source.url)
        #expect(again.status == 7 && again.err.contains("spacesync push me/demo --rebuild\n"), "\(again)")
    }

    @Test func `invalid front matter does not hide other findings`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        files["README.md"] = "---\ntitle: x: y\n---\n"
        files["Dockerfile"] = "FROM a\nCOPY gone.txt .\n"
        let source = try await scene.source(files)
        for command in [["push", "me/demo", "--create"], ["plan", "me/demo"]] {
            let refused = try await scene.spacesync(command, in: source.url)
            #expect(refused.status == 6 && refused.err.contains("README.md:2: mapping values"), "\(refused)")
            #expect(refused.err.contains("COPY gone.txt"), "\(refused)")
        }
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.contains("create") })
    }
}

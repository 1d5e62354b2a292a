import Foundation
import TestSupport
import Testing

/// `history = source`: the Space's branch holds the source's own commits.
struct HistoryTests {
    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(
            ["push", "me/demo", "-c", "history=source", "--no-wait"] + flags, in: source.url)
    }

    /// A Space made for a source of two commits.
    private func pushed(_ scene: Scene) async throws -> Repository {
        let source = try await scene.source()
        try await source.commit(["app.py": "print('two')\n"], "Two")
        let first = try await push(scene, source, "--create")
        try #require(first.status == 0, "\(first)")
        return source
    }

    @Test func `a Space that holds the Hub's own first commit gets the source's commits as they are`()
        async throws
    {
        let scene = try await Scene()
        let source = try await pushed(scene)
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.head() == (try await source.head()))
        #expect(try await clone.git("log", "--format=%s") == "Two\nSay hello")
        let again = try await push(scene, source)
        #expect(again.status == 0 && again.err.contains("me/demo unchanged"), "\(again)")
    }

    @Test func `a build of the source's own commit is followed to its end`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let run = try await scene.spacesync(
            "push", "me/demo", "--create", "-c", "history=source", "--json", in: source.url)
        #expect(run.status == 0, "\(run)")
        #expect(run.result("outcome") == "deployed")
        #expect(run.result("commit") == (try await source.head()))
        #expect(run.events("pushed").first?["commit"] as? String == (try await source.head()))
    }

    @Test func `the plan shows the commits, and what is on the Space is not sent again`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        try await source.commit(["app.py": "print('three')\n"], "Three")
        try await source.git("commit", "-q", "--allow-empty", "-m", "Four")
        let plan = try await scene.spacesync(
            "plan", "me/demo", "-c", "history=source", "--exit-code", in: source.url)
        #expect(plan.status == 10, "\(plan)")
        #expect(plan.out.contains("Four\n") && plan.out.contains("2 commits, 1 updated"), "\(plan)")
        let json = try await scene.spacesync(
            "plan", "me/demo", "-c", "history=source", "--json", in: source.url)
        let commits = try #require(json.events("planned").first?["commits"] as? [[String: String]])
        #expect(commits.map { $0["subject"] } == ["Three", "Four"])
        try await scene.hub.forget()
        let more = try await push(scene, source)
        #expect(more.status == 0, "\(more)")
        let asked = try await scene.hub.asked().filter(\.isGit)
        #expect(asked.count == 2, "\(asked)")
        let sent = try await scene.hub.asked().filter { $0.path.hasSuffix("git-receive-pack") }
        // Two commits, one tree, one blob; the command beside them.
        #expect(sent.map(\.request_bytes).reduce(0, +) < 900, "\(sent)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `commits of the Space's own are never left behind unasked`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "theirs\n"], "Edit on the Hub")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        let refused = try await push(scene, source)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("Edit on the Hub") && refused.err.contains("--force=history"))
        #expect(refused.err.contains("spacesync drift me/demo -c history=source --patch"))
        let plain = try await push(scene, source, "--force")
        #expect(plain.status == 9, "history is forced by its name alone: \(plain)")
        let planned = try await scene.spacesync("plan", "me/demo", "-c", "history=source", in: source.url)
        #expect(planned.status == 0 && planned.err.contains("--force=history"), "\(planned)")
        #expect(try await scene.clone("me/demo", as: "after").head() == (try await theirs.head()))
        let forced = try await push(scene, source, "--force=history")
        #expect(forced.status == 0, "\(forced)")
        #expect(forced.err.contains(try await theirs.head()), "what was left can be found: \(forced)")
        #expect(try await scene.clone("me/demo", as: "forced").head() == (try await source.head()))
    }

    @Test func `their commits merged into the source are a fast-forward again`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "theirs\n"], "Edit on the Hub")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        try await source.git("pull", "-q", "--no-rebase", "--no-edit", theirs.url.path, "main")
        let merged = try await push(scene, source)
        #expect(merged.status == 0, "\(merged)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `what the Hub refuses in any commit is said before a Space is made`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let key = "hf_" + String("QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi".prefix(34))
        try Data([0x89, 0x50, 0, 1]).write(to: source.url.appending(path: "logo.png"))
        try await source.commit(["settings.py": "TOKEN = '\(key)'\n"], "Add a picture")
        let added = try await source.head().prefix(7)
        try await source.git("rm", "-q", "logo.png", "settings.py")
        try await source.commit(["big.txt": String(repeating: "words\n", count: 2 << 20)], "Much")
        try await source.git("rm", "-q", "big.txt")
        try await source.git("commit", "-q", "-m", "Less")
        try await scene.hub.forget()
        let refused = try await push(scene, source, "--create")
        #expect(refused.status == 6, "\(refused)")
        #expect(refused.err.contains("logo.png: is binary (4 B) in commit \(added)"), "\(refused)")
        #expect(refused.err.contains("big.txt: is 12.0 MiB in commit"), "\(refused)")
        #expect(refused.err.contains("settings.py:1: ") && !refused.err.contains(key), "\(refused)")
        let sent = try await scene.hub.asked().filter { $0.method != "GET" }
        #expect(sent.isEmpty, "\(sent)")
        let checked = try await scene.spacesync("check", "me/demo", "-c", "history=source", in: source.url)
        #expect(checked.status == 6 && checked.out.contains("logo.png"), "\(checked)")
        // The Hub itself says the same.
        try await scene.makeSpace()
        let remote = scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@") + "/spaces/me/demo"
        let plain = await #expect(throws: Repository.GitTrouble.self) {
            try await source.git("push", "--force", remote, "webai2hf:main")
        }
        #expect(plain?.finished.err.contains("larger than 10 MiB") == true)
    }

    @Test(arguments: [
        ("# no card\n", "has no card"), ("---\ntitle: x\n---\n", "does not name the sdk"),
        ("---\nsdk: docker\ncolorFrom: orange\n---\n", "colorFrom"),
    ])
    func `a newest commit without a card that the Hub takes is refused`(
        readme: String, words: String
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["README.md": readme], "Card")
        let refused = try await push(scene, source, "--create")
        #expect(refused.status == 6 && refused.err.contains(words), "\(refused)")
        #expect(!refused.err.contains("card ="), "no key composes anything here: \(refused)")
    }

    @Test func `keys that compose are refused by name, each where it stands`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = try scene.folder.write(
            "settings", "[space]\n\texclude = docs/\n[space \"me/demo\"]\n\thistory = source\n\troot = app\n")
        let refused = try await scene.spacesync(
            "push", "me/demo", "--config", file.path, "--map", "a:b", "-c", "keep=x", "-c", "card=emoji: x",
            "--dockerfile", "D", in: source.url)
        #expect(refused.status == 3, "\(refused)")
        for key in ["exclude", "root", "map", "keep", "card", "dockerfile"] {
            #expect(refused.err.contains("\(key) = "), "\(key): \(refused)")
        }
        #expect(refused.err.contains("does not go with history = source"))
        let cleared = try await scene.spacesync(
            "plan", "me/demo", "--config", file.path, "-c", "exclude=", "-c", "root=", in: source.url)
        #expect(cleared.status == 0, "\(cleared)")
    }

    @Test func `a shallow clone is deployed as far as it reaches, and else told how to deepen`() async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        for number in 1...20 { try await source.commit(["n.txt": "\(number)\n"], "Number \(number)") }
        _ = try await push(scene, source, "--create")
        try await source.commit(["n.txt": "new\n"], "New")
        func clone(_ depth: Int) async throws -> Repository {
            let url = scene.folder.url.appending(path: "shallow\(depth)")
            try await source.git("clone", "-q", "--depth", "\(depth)", "file://\(source.url.path)", url.path)
            return Repository(url: url, home: source.home)
        }
        let short = try await push(scene, try await clone(1))
        #expect(short.status == 4 && short.err.contains("fetch --unshallow"), "\(short)")
        let enough = try await push(scene, try await clone(12))
        #expect(enough.status == 0, "\(enough)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `a bare repository and a URL are sources as well`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for number in 1...5 { try await source.commit(["n.txt": "\(number)\n"], "Number \(number)") }
        let bare = scene.folder.url.appending(path: "bare.git")
        try await source.git("clone", "-q", "--bare", source.url.path, bare.path)
        let flags = ["--create", "--no-wait", "-c", "history=source", "--branch"]
        let first = try await scene.spacesync(
            ["push", "me/first", "--visibility", "public"] + flags + ["webai2hf"], in: bare)
        try #require(first.status == 0, "\(first)")
        // Another Space is a repository behind a URL. A snapshot of it leaves a cache without history.
        let url = "\(scene.hub.url)/spaces/me/first"
        _ = try await scene.spacesync("plan", "me/second", "--source", url, "--branch", "main")
        let second = try await scene.spacesync(
            ["push", "me/second", "--source", url] + flags + ["main"])
        #expect(second.status == 0, "\(second)")
        let clone = try await scene.clone("me/second")
        #expect(try await clone.head() == (try await source.head()))
        #expect(try await clone.git("rev-list", "--count", "HEAD") == "6")
        for number in 6...7 { try await source.commit(["n.txt": "\(number)\n"], "Number \(number)") }
        _ = try await scene.spacesync(["push", "me/first"] + flags + ["webai2hf"], in: source.url)
        let third = try await scene.spacesync(["push", "me/second", "--source", url] + flags + ["main"])
        #expect(third.status == 0, "\(third)")
        #expect(try await scene.clone("me/second", as: "again").head() == (try await source.head()))
    }

    @Test func `a plan is kept, or refused when something moved`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = scene.folder.path + "/plan.json"
        func plan() async throws {
            let plan = try await scene.spacesync(
                "plan", "me/demo", "-c", "history=source", "--out", file, in: source.url)
            #expect(plan.status == 0, "\(plan)")
        }
        try await plan()
        let made = try await push(scene, source, "--plan", file, "--create")
        #expect(made.status == 0, "\(made)")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        try await plan()
        let snapshot = try await scene.spacesync("push", "--plan", file, in: source.url)
        #expect(snapshot.status == 9 && snapshot.err.contains("no longer history = source"), "\(snapshot)")
        try await source.git("commit", "-q", "--amend", "-m", "Drei")
        let moved = try await push(scene, source, "--plan", file)
        #expect(moved.status == 9 && moved.err.contains("the source: webai2hf was"), "\(moved)")
        try await plan()
        let kept = try await push(scene, source, "--plan", file)
        #expect(kept.status == 0, "\(kept)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `from snapshots to history and back`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let refused = try await push(scene, source)
        #expect(refused.status == 9 && refused.err.contains("(a deploy)"), "\(refused)")
        let forced = try await push(scene, source, "--force=history")
        #expect(forced.status == 0, "\(forced)")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        let snapshot = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(snapshot.status == 0, "a head of the source's history is adopted: \(snapshot)")
    }

    @Test func `versions of a file travel as differences`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let long = (0..<3000).map { "line \($0 &* 7919)\n" }.joined()
        let head = try await source.head()
        let stream = (1...60).map { number in
            let text = long + "version \(number)\n"
            return """
                commit refs/heads/webai2hf
                committer Ada <ada@example.org> \(1_800_000_000 + number) +0000
                data 1
                v
                \(number == 1 ? "from \(head)\n" : "")M 100644 inline long.txt
                data \(text.utf8.count)
                \(text)

                """
        }.joined()
        _ = try await run(
            try Peer.git.found(), ["fast-import", "--quiet"], environment: gitEnvironment(home: source.home),
            directory: source.url, input: Data(stream.utf8))
        let pushed = try await push(scene, source, "--create")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(
            pushed.err.split(separator: "Resolving deltas").count <= 2,
            "the server's progress is not repeated: \(pushed)")
        let sent = try await scene.hub.asked().filter { $0.path.hasSuffix("git-receive-pack") }
        // One version is some 10 KB, packed.
        #expect(sent.map(\.request_bytes).reduce(0, +) < 40_000, "\(sent)")
        #expect(try await scene.clone("me/demo").text("long.txt").hasSuffix("version 60\n"))
    }

    @Test func `many deletions and lost commits are two guards`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        for number in 1...30 { files["many/\(number).txt"] = "\(number)\n" }
        let source = try await scene.source(files)
        _ = try await push(scene, source, "--create")
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "theirs\n"])
        try await source.git("rm", "-q", "-r", "many")
        try await source.git("commit", "-q", "-m", "Less")
        let refused = try await push(scene, source, "--force=history")
        #expect(refused.status == 9 && refused.err.contains("--force=deletes"), "\(refused)")
        let both = try await push(scene, source)
        #expect(both.status == 9 && both.err.contains("--force=deletes,history"), "\(both)")
        let forced = try await push(scene, source, "--force=history,deletes")
        #expect(forced.status == 0, "\(forced)")
    }

    @Test func `a source that went back is not followed unasked`() async throws {
        let scene = try await Scene()
        let source = try await pushed(scene)
        try await source.git("reset", "-q", "--hard", "HEAD^")
        let refused = try await push(scene, source)
        #expect(refused.status == 9 && refused.err.contains("would go back behind it"), "\(refused)")
        let forced = try await push(scene, source, "--force=history")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `a hook pushes the source's own commits as well`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.configure(["space.me/demo.history": "source"])
        let first = try await hook.push("webai2hf")
        #expect(first.status == 0 && first.err.contains("me/demo deployed"), "\(first)")
        try await hook.work.commit(["app.py": "print(2)\n"], "Two")
        let second = try await hook.push("webai2hf")
        #expect(second.err.contains("me/demo deployed"), "\(second)")
        #expect(try await hook.scene.clone("me/demo").head() == (try await hook.work.head()))
    }

    /// The key acts on the Space: a file that came with a source may not set it.
    @Test func `a travelling file does not choose it`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": "[space \"me/demo\"]\n\thistory = source\n"], "Mine")
        let push = try await hook.push("webai2hf")
        #expect(push.err.contains("history"), "\(push)")
        #expect(try await hook.writes().isEmpty)
    }
}

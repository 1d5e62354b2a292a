import Foundation
import TestSupport
import Testing

/// `history = source`: the Space's branch has the source's own commits.
struct HistoryTests {
    @Test func `a Space with only the Hub's initial commit gets the source's commits unchanged`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.pushedHistory()
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.head() == (try await source.head()))
        #expect(try await clone.git("log", "--format=%s") == "Two\nSay hello")
        let again = try await scene.pushHistory(of: source)
        #expect(again.status == 0 && again.err.contains("me/demo unchanged"), "\(again)")
    }

    @Test func `a build of the source's own commit is watched until it ends`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let run = try await scene.spacesync(
            "push", "me/demo", "--create", "-c", "history=source", "--json", in: source.url)
        #expect(run.status == 0, "\(run)")
        #expect(run.result("outcome") == "deployed")
        #expect(run.result("commit") == (try await source.head()))
        #expect(run.events("pushed").first?["commit"] as? String == (try await source.head()))
    }

    @Test func `the plan lists the commits, and objects on the Space are not sent again`() async throws {
        let scene = try await Scene()
        let source = try await scene.pushedHistory()
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
        let more = try await scene.pushHistory(of: source)
        #expect(more.status == 0, "\(more)")
        let asked = try await scene.hub.asked().filter(\.isGit)
        #expect(asked.count == 2, "\(asked)")
        let sent = try await scene.hub.asked().filter { $0.path.hasSuffix("git-receive-pack") }
        // Two commits, one tree, one blob, and the push command.
        #expect(sent.map(\.request_bytes).reduce(0, +) < 900, "\(sent)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test(arguments: [
        ("# no card\n", "has no card"), ("---\ntitle: x\n---\n", "the card has no sdk"),
        ("---\nsdk: docker\ncolorFrom: orange\n---\n", "colorFrom"),
    ])
    func `a newest commit whose card the Hub would reject is refused`(
        readme: String, words: String
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["README.md": readme], "Card")
        let refused = try await scene.pushHistory(of: source, "--create")
        #expect(refused.status == 6 && refused.err.contains(words), "\(refused)")
        #expect(!refused.err.contains("card ="), "no key composes anything here: \(refused)")
    }

    @Test func `content settings are refused by name with their origin`() async throws {
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
        #expect(refused.err.contains("cannot be combined with history = source"))
        let cleared = try await scene.spacesync(
            "plan", "me/demo", "--config", file.path, "-c", "exclude=", "-c", "root=", in: source.url)
        #expect(cleared.status == 0, "\(cleared)")
    }

    @Test func `a shallow clone is deployed if its history suffices, otherwise fetching more is suggested`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        for number in 1...20 { try await source.commit(["n.txt": "\(number)\n"], "Number \(number)") }
        _ = try await scene.pushHistory(of: source, "--create")
        try await source.commit(["n.txt": "new\n"], "New")
        func clone(_ depth: Int) async throws -> Repository {
            let url = scene.folder.url.appending(path: "shallow\(depth)")
            try await source.git("clone", "-q", "--depth", "\(depth)", "file://\(source.url.path)", url.path)
            return Repository(url: url, home: source.home)
        }
        let short = try await scene.pushHistory(of: try await clone(1))
        #expect(short.status == 4 && short.err.contains("fetch --unshallow"), "\(short)")
        let enough = try await scene.pushHistory(of: try await clone(12))
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
        // Another Space serves as the remote source; a snapshot deploy of it leaves a cache without history.
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

    @Test func `a Space can switch from snapshots to history and back`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let refused = try await scene.pushHistory(of: source)
        #expect(refused.status == 9 && refused.err.contains("(a deploy)"), "\(refused)")
        let forced = try await scene.pushHistory(of: source, "--force=history")
        #expect(forced.status == 0, "\(forced)")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        let snapshot = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(snapshot.status == 0, "a head of the source's history is adopted: \(snapshot)")
    }

    @Test func `versions of a file are sent as deltas`() async throws {
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
        let pushed = try await scene.pushHistory(of: source, "--create")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(
            pushed.err.split(separator: "Resolving deltas").count <= 2,
            "the server's progress is not repeated: \(pushed)")
        let sent = try await scene.hub.asked().filter { $0.path.hasSuffix("git-receive-pack") }
        // One version has about 10 KB, packed.
        #expect(sent.map(\.request_bytes).reduce(0, +) < 40_000, "\(sent)")
        #expect(try await scene.clone("me/demo").text("long.txt").hasSuffix("version 60\n"))
    }
}

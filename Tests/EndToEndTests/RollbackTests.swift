import Foundation
import TestSupport
import Testing

/// `rollback`: restores an earlier deploy.
struct RollbackTests {
    @Test func `the previous deploy's tree is restored as a new commit, and runs`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 3)
        let before = try await scene.commits()
        try await scene.hub.forget()
        let back = try await scene.rollback()
        #expect(back.status == 0 && back.result("outcome") == "rolled_back", "\(back)")
        #expect(back.result("stage") == "RUNNING")
        let commits = try await scene.commits()
        #expect(Array(commits.dropFirst()) == before, "nothing is rewritten")
        #expect(try await scene.tree(of: commits[0]) == scene.tree(of: before[1]))
        let message = try await scene.spaceAtHub.git("log", "-1", "--format=%B", "main")
        #expect(message.hasPrefix("Roll back to \(before[1].prefix(7)): Change 2"), "\(message)")
        #expect(message.contains("\nSource-Commit: \(try await source.head("HEAD~1"))"))
        #expect(message.contains("\nRolled-Back: \(try await source.head())"))
        try await scene.checkSpace()
        // Only the commit is sent: the Space already has all other objects.
        let sent = try await scene.hub.asked().filter { $0.path.hasSuffix("git-receive-pack") }
        #expect(sent.count == 1 && sent.allSatisfy { $0.request_bytes < 1000 }, "\(sent)")
    }

    @Test func `without a cache a rollback sends no more and fetches no file`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await source.commit(["big.txt": String(repeating: "0123456789abcdef\n", count: 20_000)], "Grow")
        try #require(try await scene.push(source).status == 0)
        try await source.commit(["big.txt": "small\n"], "Shrink")
        try #require(try await scene.push(source).status == 0)
        scene.dropCache()
        try await scene.hub.forget()
        let back = try await scene.rollback("--no-wait")
        #expect(back.status == 0 && back.result("outcome") == "pushed", "\(back)")
        let asked = try await scene.hub.asked().filter(\.isGit)
        #expect(asked.allSatisfy { $0.request_bytes < 1500 && $0.response_bytes < 4000 }, "\(asked)")
        let commits = try await scene.commits()
        #expect(try await scene.tree(of: commits[0]) == scene.tree(of: commits[2]))
        try await scene.checkSpace()
    }

    @Test func `a rolled-back commit is not pushed again until the source changes`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        try await scene.requireRollback()
        let commits = try await scene.commits()
        for _ in 1...10 {
            let again = try await scene.spacesync("push", "me/demo", "--json", in: source.url)
            #expect(again.status == 0 && again.result("outcome") == "held_back", "\(again)")
            #expect(again.result("message")?.contains("was rolled back") == true, "\(again)")
            #expect(again.result("hint")?.contains("--force=rollback") == true, "\(again)")
        }
        let pushed = try await scene.push(source)
        #expect(
            pushed.err.contains("was rolled back") && pushed.err.contains("--force=rollback"), "\(pushed)")
        let plain = try await scene.push(source, "--force")
        #expect(plain.status == 0 && plain.err.contains("was rolled back"), "\(plain)")
        let planned = try await scene.spacesync("plan", "me/demo", "--exit-code", in: source.url)
        #expect(planned.status == 10 && planned.err.contains("was rolled back"), "\(planned)")
        #expect(try await scene.commits() == commits, "not one commit more")
        let forced = try await scene.push(source, "--force=rollback")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await scene.tree(of: "main") == scene.tree(of: commits[1]))
    }

    @Test func `a source that changed is deployed again`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        try await scene.requireRollback()
        try await source.change(to: 3)
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print(3)\n")
    }

    @Test func `with trace = none, a rolled-back deploy is recognised by its tree`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        for number in 2...3 {
            try #require(try await scene.push(source, "-c", "trace=none").status == 0)
            if number == 2 { try await source.change(to: number) }
        }
        try await scene.requireRollback("--no-wait", "-c", "trace=none")
        let commits = try await scene.commits()
        let again = try await scene.push(source, "-c", "trace=none")
        #expect(again.status == 0 && again.err.contains("was rolled back"), "\(again)")
        #expect(try await scene.commits() == commits)
        #expect(!(try await scene.spaceAtHub.git("log", "--format=%B").contains(try await source.head())))
    }

    @Test func `a second rollback goes further back, never to a rolled-back deploy`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 4)
        let deploys = Array(try await scene.commits().dropLast().reversed())
        try await scene.requireRollback("--no-wait")
        #expect(try await scene.tree(of: "main") == scene.tree(of: deploys[2]))
        try await scene.requireRollback("--no-wait")
        #expect(try await scene.tree(of: "main") == scene.tree(of: deploys[1]))
        // The source is still at the commit that the first rollback rolled back.
        let again = try await scene.push(source)
        #expect(again.status == 0 && again.err.contains("was rolled back"), "\(again)")
        // A newer deploy can be restored by its commit.
        try await scene.requireRollback("--no-wait", "--to", deploys[3])
        #expect(try await scene.tree(of: "main") == scene.tree(of: deploys[3]))
        let unchanged = try await scene.push(source)
        #expect(unchanged.status == 0 && unchanged.err.contains("nothing to change"), "\(unchanged)")
        #expect(!unchanged.err.contains("was rolled back"), "\(unchanged)")
    }

    @Test func `a dry run shows what would change and sends nothing`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 3)
        let commits = try await scene.commits()
        let planned = try await scene.spacesync("rollback", "me/demo", "2", "-n")
        #expect(planned.status == 0, "\(planned)")
        #expect(planned.out.contains("~ app.py") && planned.out.contains("- lib/n3.txt"), "\(planned)")
        #expect(try await scene.commits() == commits)
    }

    @Test func `an edit on the Space is drift, which must be forced`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 2)
        try await scene.clone("me/demo", as: "hub-side").publish(["hand.txt": "by hand\n"])
        let refused = try await scene.rollback("--no-wait")
        #expect(
            refused.status == 9 && refused.result("message")?.contains("+ hand.txt") == true, "\(refused)")
        let line = try #require(refused.result("hint")?.split(separator: "\n").last)
        #expect(line.contains("spacesync rollback me/demo") && line.hasSuffix("--force=drift"), "\(line)")
        let forced = try await scene.rollback("--no-wait", "--force=drift")
        #expect(forced.status == 0, "\(forced)")
        let clone = try await scene.clone("me/demo")
        #expect(!(try await clone.paths().contains("hand.txt")))
        #expect(try clone.text("app.py") == "print('hello')\n")
    }

    @Test func `an edited file that differs between both deploys is rolled back too`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 2)
        let clone = try await scene.clone("me/demo", as: "hub-side")
        try await clone.publish(["lib/x.txt": "2\nby hand\n"])
        scene.dropCache()
        let refused = try await scene.rollback("--no-wait")
        #expect(refused.status == 9 && refused.result("message")?.contains("lib/x.txt") == true, "\(refused)")
        let forced = try await scene.rollback("--no-wait", "--force=drift")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await scene.clone("me/demo").text("lib/x.txt") == "1\n")
    }

    @Test func `a probe's body is read from the restored tree; a probe without its body is skipped`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging(Scene.quick) { $1 }.merging(["a.json": "{}", "own/b.json": "{}"]) { $1 })
        let flags = [
            "--exclude", "own/", "-c", "probe=POST /a body=a.json", "-c", "probe=POST /b body=own/b.json",
            "-c", "visibility=public",
        ]
        for number in 1...2 {
            try await source.change(to: number)
            let run = try await scene.spacesync(["push", "me/demo", "--create"] + flags, in: source.url)
            try #require(run.status == 0, "\(run)")
        }
        try await scene.hub.forget()
        let back = try await scene.spacesync(["rollback", "me/demo"] + flags.suffix(6), in: source.url)
        #expect(back.status == 0 && back.err.contains("its request body is a file of the source"), "\(back)")
        let asked = try await scene.hub.asked().filter { $0.method == "POST" }.map(\.path)
        #expect(asked.contains("/a") && !asked.contains("/b"), "\(asked)")
        let promoted = try await scene.spacesync(
            ["promote", "me/demo", "me/web", "--create"] + flags.suffix(6), in: source.url)
        #expect(promoted.status == 0 && promoted.err.contains("skipped probe = POST /b"), "\(promoted)")
        #expect(promoted.err.contains("POST /a: 200"), "\(promoted)")
    }

    @Test func `paths matched by keep are preserved`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        try #require(try await scene.push(source, "-c", "keep=data/").status == 0)
        try await scene.clone("me/demo", as: "hub-side").publish(["data/state.json": "{}\n"])
        try await source.change(to: 2)
        try #require(try await scene.push(source, "-c", "keep=data/").status == 0)
        // The rollback takes the patterns from the deploy's commit, not from flags.
        let back = try await scene.rollback("--no-wait")
        #expect(back.status == 0, "\(back)")
        let clone = try await scene.clone("me/demo")
        #expect(try clone.text("data/state.json") == "{}\n")
        #expect(try clone.text("app.py") == "print('hello')\n")
        try await scene.checkSpace()
    }

    @Test func `merged edits are preserved by a rollback and by later deploys`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await scene.clone("me/demo", as: "hub-side").publish(["lib/x.txt": "theirs\n"])
        for number in 2...3 {
            try await source.commit(["app.py": "print(\(number))\n"], "Change \(number)")
            try #require(try await scene.push(source, "--drift", "merge").status == 0)
        }
        let back = try await scene.rollback("--no-wait")
        #expect(back.status == 0, "\(back)")
        #expect(try await scene.clone("me/demo", as: "back").text("lib/x.txt") == "theirs\n")
        try await source.commit(["app.py": "print(4)\n"], "Change 4")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.clone("me/demo")
        #expect(try clone.text("lib/x.txt") == "theirs\n" && clone.text("app.py") == "print(4)\n")
    }

    @Test func `a missing rollback target is an error`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 1)
        let none = try await scene.rollback()
        #expect(
            none.status == 6 && none.result("message")?.contains("cannot roll back me/demo") == true,
            "\(none)")
        let far = try await scene.rollback("7")
        #expect(
            far.status == 6
                && far.result("message")?.contains("there are fewer than 7 earlier deploys") == true, "\(far)"
        )
        let unknown = try await scene.rollback("--to", "deadbeef")
        #expect(unknown.status == 6 && unknown.result("message")?.contains("deadbeef") == true, "\(unknown)")
        for words in [["0"], ["x"], ["1", "--to", "deadbeef"], ["--to", "main"]] {
            let odd = try await scene.spacesync(["rollback", "me/demo"] + words)
            #expect(odd.status == 2, "\(odd)")
        }
    }

    @Test func `any commit of the Space can be restored, and the current one changes nothing`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 2)
        let commits = try await scene.commits()
        let first = try #require(commits.last)
        let back = try await scene.rollback("--no-wait", "--to", String(first.prefix(8)))
        #expect(back.status == 0, "\(back)")
        #expect(try await scene.tree(of: "main") == scene.tree(of: first), "the Hub's own first commit")
        let now = try await scene.commits()
        let same = try await scene.rollback("--to", now[0])
        #expect(same.status == 0 && same.result("outcome") == "unchanged", "\(same)")
        #expect(try await scene.commits() == now)
    }

    @Test func `a probe that needs no file of the source runs after a rollback`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 2)
        let back = try await scene.rollback("-c", "probe=/health 299", "-c", "timeout=20s")
        #expect(back.status == 7 && !back.events("probed").isEmpty, "\(back)")
    }
}

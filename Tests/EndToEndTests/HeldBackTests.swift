import Foundation
import TestSupport
import Testing

@testable import HTTP

/// A source commit that was rolled back: the output of plan, push and mirror, and how to deploy it again.
struct HeldBackTests {
    /// Two deploys; the second was rolled back.
    private func rolledBack() async throws -> (Scene, Repository) {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        try #require(try await scene.rollback().status == 0)
        return (scene, source)
    }

    @Test func `plan and push report why a commit is held back, and --yes does not override it`() async throws
    {
        let (scene, source) = try await rolledBack()
        let commits = try await scene.commits()
        let short = try await source.head().prefix(7)
        for line in [["push"], ["push", "-y"], ["plan"], ["push", "-n"], ["plan", "-y"]] {
            let run = try await scene.spacesync(line + ["me/demo", "--json"], in: source.url)
            #expect(run.status == 0 && run.result("outcome") == "held_back", "\(run)")
            let message = try #require(run.result("message"))
            #expect(message.contains("\(short) is held back"), "\(message)")
            #expect(message.contains("rolled back by v3 (\(commits[0].prefix(7))"), "\(message)")
            #expect(
                run.result("hint") == "to deploy it again: spacesync push me/demo --force=rollback", "\(run)")
        }
        let plan = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(plan.out == "\(short) is held back: nothing is pushed\n", "\(plan)")
        let code = try await scene.spacesync("plan", "me/demo", "--exit-code", "--json", in: source.url)
        #expect(code.status == 10 && code.result("outcome") == "held_back", "\(code)")
        #expect(try await scene.commits() == commits)
        let forced = try await scene.push(source, "--force=rollback", "-y")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await scene.commits().count == commits.count + 1)
    }

    @Test func `a Space that is not running causes a warning, and the commit is still held back`()
        async throws
    {
        let (scene, source) = try await rolledBack()
        try await scene.set("RUNTIME_ERROR", error: "gone")
        let held = try await scene.spacesync("push", "me/demo", "--json", in: source.url)
        #expect(held.status == 0 && held.result("outcome") == "held_back", "\(held)")
        #expect(held.out.contains("me/demo is RUNTIME_ERROR"), "\(held)")
    }

    @Test func `rolled-back settings are held back, other settings are not`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        let card = { (emoji: String) in
            try await scene.spacesync(
                "push", "me/demo", "--json", "-c", "card=emoji: \(emoji)", in: source.url)
        }
        #expect(try await card("🦊").result("outcome") == "deployed")
        #expect(try await card("🐟").result("outcome") == "deployed")
        let back = try await scene.spacesync("rollback", "me/demo")
        #expect(back.status == 0 && back.err.contains("with the same settings is held back"), "\(back)")
        #expect(try await card("🐟").result("outcome") == "held_back")
        let own = try await card("🦊")
        #expect(own.status == 0 && own.result("outcome") != "held_back", "\(own)")
        let other = try await card("🐝")
        #expect(other.status == 0 && other.result("outcome") == "deployed", "\(other)")
    }

    @Test func `a rollback that waited for another rollback does not go back further`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 3)
        try await scene.hub.fault(
            #"{"method": "POST", "path": "git-receive-pack", "delay_ms": 600000, "times": 1}"#)
        let first = try scene.start("rollback", "me/demo", "--no-wait", "--json", in: scene.folder.url)
        #expect(
            try await eventually {
                try await scene.hub.call("GET", "/_hub/held").text != #"{"held":0}"# || !first.isRunning
            })
        let second = try scene.start("rollback", "me/demo", "--no-wait", in: scene.folder.url)
        #expect(await eventually { second.err.contains("waiting for another run") || !second.isRunning })
        try await scene.clearFaults()
        let (one, two) = (await first.end(), await second.end())
        #expect(one.status == 0, "\(one)")
        #expect(two.status == 75 && two.err.contains("in the meantime"), "\(two)")
    }

    @Test func `on a terminal both commands offer to deploy a held-back commit again`() async throws {
        let (scene, source) = try await rolledBack()
        let commits = try await scene.commits()
        let short = try await source.head().prefix(7)
        let question = "Deploy \(short) to me/demo again? [y/N]"
        for command in ["push", "plan"] {
            let no = try await scene.onTerminal([command, "me/demo"], answering: ["n\n"], in: source.url)
            #expect(no.status == 0 && no.out.contains(question), "\(no)")
            #expect(no.out.contains("held back"), "\(no)")
        }
        // Ctrl-C (end of input) does not count as an answer.
        let interrupted = try await scene.onTerminal(["push", "me/demo"], answering: [""], in: source.url)
        #expect(interrupted.status == 130, "\(interrupted)")
        for line in [["push", "-y"], ["push", "-n"], ["plan", "--exit-code"]] {
            let run = try await scene.onTerminal(line + ["me/demo"], answering: ["y\n"], in: source.url)
            #expect(!run.out.contains(question), "\(run)")
        }
        #expect(try await scene.commits() == commits, "nothing was pushed")
        for command in ["push", "plan"] {
            let yes = try await scene.onTerminal([command, "me/demo"], answering: ["y\n"], in: source.url)
            #expect(
                yes.status == 0 && yes.out.contains(" pushed  ") && yes.out.contains(" running"), "\(yes)")
            #expect(try await scene.tree(of: "main") == scene.tree(of: commits[1]))
            try #require(try await scene.rollback().status == 0)
        }
    }

    @Test func `a held-back commit is a success in a mirror pass`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        var fleet = Fleet(scene)
        fleet.add("me/demo", from: source.url.path)
        try #require(try await fleet.run("mirror").status == 0)
        try await source.change(to: 2)
        try #require(try await fleet.run("mirror").status == 0)
        try #require(try await scene.rollback().status == 0)
        let file = scene.folder.path + "/m.prom"
        let pass = try await fleet.run("mirror", "--metrics-file", file, "--json")
        #expect(pass.status == 0 && pass.result("outcome") == "held_back", "\(pass)")
        let outcomes = pass.events("pass").first?["outcomes"] as? [String: Int]
        #expect(outcomes == ["held_back": 1], "\(pass)")
        let numbers = try String(contentsOfFile: file, encoding: .utf8)
        #expect(numbers.contains(#"spacesync_outcome_ok{space="me/demo"} 1"#), "\(numbers)")
        #expect(numbers.contains(#"spacesync_outcome{space="me/demo",outcome="held_back"} 1"#), "\(numbers)")
        #expect(numbers.contains(#"spacesync_rolled_back{space="me/demo"} 1"#), "\(numbers)")
        let quiet = try await fleet.run("mirror")
        #expect(quiet.status == 0 && quiet.err.isEmpty && quiet.out.isEmpty, "\(quiet)")
    }

    @Test func `after a failure push and status show how to roll back`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await scene.watched()
        let first = try await scene.commits()[0].prefix(7)
        try await source.breakBuild()
        for _ in 1...2 {
            let failed = try await scene.spacesync("push", "me/demo", "--json", "-m", "Again", in: source.url)
            let hint = try #require(failed.result("hint"))
            let line = try #require(hint.split(separator: "\n").last)
            #expect(failed.status == 7, "\(failed)")
            #expect(
                line.hasPrefix("to roll back to ") && line.hasSuffix(": spacesync rollback me/demo"),
                "\(hint)")
        }
        let status = try await scene.spacesync("status", "me/demo")
        let row = "spacesync rollback me/demo restores v1 (\(first)), which ran"
        #expect(status.status == 0 && status.out.contains(row), "\(status)")
        try #require(try await scene.rollback().status == 0)
        let well = try await scene.spacesync("status", "me/demo")
        #expect(!well.out.contains("spacesync rollback"), "\(well)")
    }

    @Test func `a failed first deploy has no rollback target`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        try await source.breakBuild()
        let failed = try await scene.spacesync("push", "me/demo", "--create", "--json", in: source.url)
        #expect(failed.status == 7 && failed.result("hint")?.contains("rollback") == false, "\(failed)")
        let status = try await scene.spacesync("status", "me/demo")
        #expect(!status.out.contains("rollback"), "\(status)")
    }
}

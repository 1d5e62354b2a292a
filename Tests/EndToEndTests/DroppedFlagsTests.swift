import Foundation
import TestSupport
import Testing

/// Flags of the previous deploy that are missing from the next one.
struct DroppedFlagsTests {
    /// A Space whose page came from the working tree and whose settings are mapped from another
    /// folder of the source.
    private func deployed(_ more: String...) async throws -> DriftScene {
        let demo = try await DriftScene(["hf/config.yaml": "a: 1\n", ".gitignore": "dist\n"])
        try demo.source.write(["dist/index.html": "<p>\n"])
        let pushed = try await demo.scene.spacesync(
            ["push", "me/demo", "--no-wait", "-c", "add=dist/:/", "--map", "hf/:conf/"] + more,
            in: demo.source.url)
        try #require(pushed.status == 0, "\(pushed)")
        return demo
    }

    private func trailers(_ demo: DriftScene) async throws -> String {
        try await demo.hubSide.git("fetch", "-q", "origin", "main")
        return try await demo.hubSide.git("log", "-1", "--format=%B", "FETCH_HEAD")
    }

    private static let warning = "used flags that are not set now: add, map\n"
    private static let hints = [
        "to set add: git config space.me/demo.add VALUE\n",
        "to set map: spacesync init me/demo --map VALUE\n",
    ]

    @Test func `the commit records the flag names, unless trace is none`() async throws {
        let demo = try await deployed("--branch", "webai2hf:main")
        #expect(try await trailers(demo).contains("\nFlags: add, map\n"))
        for (flags, expected) in [
            (["-c", "trace=commit", "--exclude", "x"], "\nFlags: exclude\n"), (["-c", "trace=none"], nil),
        ] {
            try await demo.source.commit(["app.py": "print('\(flags)')\n"], "Change")
            let pushed = try await demo.scene.spacesync(
                ["push", "me/demo", "--no-wait", "--map", "hf/:conf/"] + flags, in: demo.source.url)
            #expect(pushed.status == 0, "\(pushed)")
            let message = try await trailers(demo)
            if let expected {
                #expect(message.contains(expected.replacing("exclude", with: "exclude, map")), "\(message)")
            } else {
                #expect(!message.contains("Flags"), "\(message)")
            }
        }
    }

    @Test func `a push without the flags warns, prints a command to set each, and continues`() async throws {
        let demo = try await deployed()
        let plan = try await demo.plan()
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.out.contains("- conf/config.yaml  no longer selected (map)\n"), "\(plan)")
        #expect(plan.out.contains("- index.html        no longer selected (add)\n"), "\(plan)")
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
        for run in [plan, pushed] {
            #expect(run.err.contains(Self.warning), "\(run)")
            #expect(Self.hints.allSatisfy(run.err.contains), "\(run)")
        }
        #expect(!(try await trailers(demo).contains("Flags")))
        #expect(try await demo.push().err.contains("nothing to change"))
        try await demo.source.commit(["app.py": "print(3)\n"], "Change")
        let later = try await demo.push()
        #expect(later.status == 0 && !later.err.contains("flags"), "\(later)")
    }

    @Test func `a flag that has become a setting is not reported as dropped`() async throws {
        let demo = try await deployed()
        try await demo.source.git("config", "space.me/demo.add", "dist/:/")
        let plan = try await demo.plan()
        #expect(plan.err.contains("not set now: map\n") && !plan.err.contains("to set add"), "\(plan)")
        #expect(plan.out.contains("conf/config.yaml  no longer selected (map)\n"), "\(plan)")
        #expect(!plan.out.contains("index.html"), "\(plan)")
        try await demo.source.git("config", "space.me/demo.map", "hf/:conf/")
        let same = try await demo.push()
        #expect(same.err.contains("nothing to change") && !same.err.contains("flags"), "\(same)")
    }

    @Test func `dropped flags are not reported if nothing changes`() async throws {
        let demo = try await DriftScene([:], ["--exclude", "none.txt"])
        let pushed = try await demo.scene.spacesync("push", "me/demo", "--no-wait", in: demo.source.url)
        #expect(pushed.status == 0 && pushed.err.contains("nothing to change"), "\(pushed)")
        #expect(!pushed.err.contains("flags"), "\(pushed)")
    }

    @Test func `a file removed from the source is not attributed to a dropped flag`() async throws {
        let demo = try await DriftScene(["gone.txt": "x\n", ".gitignore": "dist\n"])
        try demo.source.write(["dist/index.html": "<p>\n"])
        let first = try await demo.push("-c", "add=dist/:/")
        #expect(first.status == 0, "\(first)")
        try await demo.source.git("rm", "-q", "gone.txt")
        try await demo.source.commit([:], "Remove")
        let plan = try await demo.plan()
        #expect(plan.out.contains("- gone.txt    not in the source\n"), "\(plan)")
        #expect(plan.out.contains("- index.html  no longer selected (add)\n"), "\(plan)")
    }

    @Test func `a file selected by include is attributed to the dropped include flag`() async throws {
        let demo = try await DriftScene(
            [".github/x.yml": "x\n"], ["--include", "*", "--include", ".github/"])
        let plan = try await demo.scene.spacesync("plan", "me/demo", in: demo.source.url)
        #expect(plan.out.contains("- .github/x.yml  no longer selected (include)\n"), "\(plan)")
        #expect(plan.err.contains("to set include: spacesync init me/demo --include VALUE\n"), "\(plan)")
    }

    @Test func `a rollback keeps the flag names of the deploy`() async throws {
        let demo = try await deployed()
        try await demo.source.commit(["app.py": "print(2)\n"], "Change")
        #expect(try await demo.push().status == 0)
        let back = try await demo.scene.spacesync("rollback", "me/demo", "--no-wait", in: demo.source.url)
        #expect(back.status == 0, "\(back)")
        #expect(try await trailers(demo).contains("\nFlags: add, map\n"))
    }

    @Test func `unknown flag names are ignored, and control characters are not printed`() async throws {
        let demo = try await DriftScene([:])
        try await demo.hubSide.git("pull", "-q", "origin", "main")
        let names = "add\u{1b}[31m, nonsense, MAP, map, " + String(repeating: "x", count: 300_000)
        let file = demo.scene.folder.url.appending(path: "message")
        try Data("Deploy\n\nSettings: 0\nFlags: \(names)\nSpacesync: 0.1\n".utf8).write(to: file)
        try await demo.hubSide.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", file.path)
        try await demo.hubSide.git("push", "-q", "origin", "HEAD:main")
        try await demo.source.commit(["app.py": "print(2)\n"], "Change")
        let plan = try await demo.plan()
        #expect(plan.status == 0 && plan.err.contains("not set now: map\n"), "\(plan)")
        #expect(!plan.err.contains("nonsense") && !plan.err.contains("\u{1b}") && plan.err.count < 4_000)
    }

    @Test func `on a terminal dropped flags require confirmation once, and no changes nothing`() async throws
    {
        let demo = try await deployed()
        let head = try await demo.scene.clone("me/demo", as: "before").head()
        let question = "Deploy me/demo without add, map? [y/N] "
        let refused = try await demo.scene.onTerminal(
            "push", "me/demo", "--no-wait", answering: ["\n"], in: demo.source.url)
        #expect(refused.status == 9 && refused.out.contains(question), "\(refused)")
        #expect(
            refused.out.contains("a deploy without add, map requires confirmation; nothing was changed"),
            "\(refused)")
        #expect(refused.out.contains("spacesync push me/demo --no-wait --yes"), "\(refused)")
        #expect(try await demo.scene.clone("me/demo", as: "after").head() == head)
        let plan = try await demo.scene.onTerminal("plan", "me/demo", answering: ["n\n"], in: demo.source.url)
        #expect(plan.status == 0 && !plan.out.contains("[y/N]"), "\(plan)")
        try await demo.hubSide.git("pull", "-q", "origin", "main")
        // The Space gets a new commit, so the push is planned again.
        let move = """
            cd \(demo.hubSide.url.path) && export no_proxy='*' &&
            git -c user.name=a -c user.email=a commit -q --allow-empty -m Move && git push -q origin HEAD:main
            """
        let pushed = try await demo.scene.onTerminal(
            "push", "me/demo", "--no-wait", answering: ["y\n"], in: demo.source.url, meanwhile: move)
        #expect(pushed.status == 0 && pushed.out.contains("has new commits"), "\(pushed)")
        #expect(pushed.out.components(separatedBy: "[y/N]").count == 2, "\(pushed)")
        #expect(pushed.out.components(separatedBy: "not set now").count == 2, "\(pushed)")
        #expect(!(try await trailers(demo).contains("Flags")))
    }

    @Test func `--yes confirms dropped flags, on a terminal too`() async throws {
        let demo = try await deployed()
        let pushed = try await demo.scene.onTerminal(
            "push", "me/demo", "--no-wait", "-y", answering: ["n\n"], in: demo.source.url)
        #expect(pushed.status == 0 && !pushed.out.contains("[y/N]"), "\(pushed)")
        #expect(pushed.out.contains("not set now: add, map"), "\(pushed)")
    }
}

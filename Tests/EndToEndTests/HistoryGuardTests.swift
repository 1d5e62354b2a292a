import Foundation
import TestSupport
import Testing

/// Guards and checks of `history = source`.
struct HistoryGuardTests {
    @Test func `commits made on the Space are never discarded without confirmation`() async throws {
        let scene = try await Scene()
        let source = try await scene.pushedHistory()
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "theirs\n"], "Edit on the Hub")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        let refused = try await scene.pushHistory(of: source)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("Edit on the Hub") && refused.err.contains("--force=history"))
        #expect(refused.err.contains("spacesync drift me/demo -c history=source --patch"))
        let plain = try await scene.pushHistory(of: source, "--force")
        #expect(plain.status == 9, "history is forced by its name alone: \(plain)")
        let planned = try await scene.spacesync("plan", "me/demo", "-c", "history=source", in: source.url)
        #expect(planned.status == 9 && planned.err.contains("--force=history"), "\(planned)")
        #expect(try await scene.clone("me/demo", as: "after").head() == (try await theirs.head()))
        let forced = try await scene.pushHistory(of: source, "--force=history")
        #expect(forced.status == 0, "\(forced)")
        #expect(forced.err.contains(try await theirs.head()), "what was left can be found: \(forced)")
        #expect(try await scene.clone("me/demo", as: "forced").head() == (try await source.head()))
    }

    @Test func `after merging the Space's commits into the source, the push is a fast-forward`() async throws
    {
        let scene = try await Scene()
        let source = try await scene.pushedHistory()
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "theirs\n"], "Edit on the Hub")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        try await source.git("pull", "-q", "--no-rebase", "--no-edit", theirs.url.path, "main")
        let merged = try await scene.pushHistory(of: source)
        #expect(merged.status == 0, "\(merged)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `content that the Hub rejects in any commit is reported before a Space is created`()
        async throws
    {
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
        let refused = try await scene.pushHistory(of: source, "--create")
        #expect(refused.status == 6, "\(refused)")
        #expect(refused.err.contains("logo.png: is binary (4 B) in commit \(added)"), "\(refused)")
        #expect(refused.err.contains("big.txt: is 12.0 MiB in commit"), "\(refused)")
        #expect(refused.err.contains("settings.py:1: ") && !refused.err.contains(key), "\(refused)")
        let sent = try await scene.hub.asked().filter { $0.method != "GET" }
        #expect(sent.isEmpty, "\(sent)")
        let checked = try await scene.spacesync("check", "me/demo", "-c", "history=source", in: source.url)
        #expect(checked.status == 6 && checked.out.contains("logo.png"), "\(checked)")
        // The Hub itself rejects the same push.
        try await scene.makeSpace()
        let remote = scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@") + "/spaces/me/demo"
        let plain = await #expect(throws: Repository.GitTrouble.self) {
            try await source.git("push", "--force", remote, "webai2hf:main")
        }
        #expect(plain?.finished.err.contains("larger than 10 MiB") == true)
    }

    @Test func `a saved plan is applied, or refused if the source or settings changed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let file = scene.folder.path + "/plan.json"
        func plan() async throws {
            let plan = try await scene.spacesync(
                "plan", "me/demo", "-c", "history=source", "--out", file, in: source.url)
            #expect(plan.status == 0, "\(plan)")
        }
        try await plan()
        let made = try await scene.pushHistory(of: source, "--plan", file, "--create")
        #expect(made.status == 0, "\(made)")
        try await source.commit(["app.py": "print('three')\n"], "Three")
        try await plan()
        let snapshot = try await scene.spacesync("push", "--plan", file, in: source.url)
        #expect(snapshot.status == 9 && snapshot.err.contains("no longer history = source"), "\(snapshot)")
        try await source.git("commit", "-q", "--amend", "-m", "Drei")
        let moved = try await scene.pushHistory(of: source, "--plan", file)
        #expect(moved.status == 9 && moved.err.contains("the source: webai2hf was"), "\(moved)")
        try await plan()
        let kept = try await scene.pushHistory(of: source, "--plan", file)
        #expect(kept.status == 0, "\(kept)")
        #expect(try await scene.clone("me/demo").head() == (try await source.head()))
    }

    @Test func `deletions and discarded commits are two separate guards`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        for number in 1...30 { files["many/\(number).txt"] = "\(number)\n" }
        let source = try await scene.source(files)
        _ = try await scene.pushHistory(of: source, "--create")
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "theirs\n"])
        try await source.git("rm", "-q", "-r", "many")
        try await source.git("commit", "-q", "-m", "Less")
        let refused = try await scene.pushHistory(of: source, "--force=history")
        #expect(refused.status == 9 && refused.err.contains("--force=deletes"), "\(refused)")
        let both = try await scene.pushHistory(of: source)
        #expect(both.status == 9 && both.err.contains("--force=deletes,history"), "\(both)")
        let forced = try await scene.pushHistory(of: source, "--force=history,deletes")
        #expect(forced.status == 0, "\(forced)")
    }

    @Test func `a source that was reset to an older commit is refused without confirmation`() async throws {
        let scene = try await Scene()
        let source = try await scene.pushedHistory()
        try await source.git("reset", "-q", "--hard", "HEAD^")
        let refused = try await scene.pushHistory(of: source)
        #expect(
            refused.status == 9 && refused.err.contains("would move the branch back and drop it"),
            "\(refused)")
        let forced = try await scene.pushHistory(of: source, "--force=history")
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

    /// `history` affects the whole Space, so a settings file from the source may not set it.
    @Test func `a committed settings file cannot set history`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": "[space \"me/demo\"]\n\thistory = source\n"], "Mine")
        let push = try await hook.push("webai2hf")
        #expect(push.err.contains("history"), "\(push)")
        #expect(try await hook.writes().isEmpty)
    }
}

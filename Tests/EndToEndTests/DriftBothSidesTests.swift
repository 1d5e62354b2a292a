import Foundation
import TestSupport
import Testing

/// Files that both the Space and the source changed: neither change is lost without confirmation.
struct DriftBothSidesTests {
    private static let text = "a\nb\nc\n"

    @Test(arguments: [[], ["-3"]])
    func `a merged edit is patched into the source beside its later changes`(flags: [String]) async throws {
        let demo = try await DriftScene(["f": Self.text])
        try await demo.edit(["f": Self.text + "SPACE\n"])
        try await demo.source.commit(["other": "x\n"], "Other")
        let merged = try await demo.push("--drift", "merge")
        #expect(merged.status == 0, "\(merged)")
        try await demo.source.commit(["f": "SOURCE\n" + Self.text], "Ours")
        let refused = try await demo.push()
        #expect(refused.status == 9 && refused.err.contains("! f"), "\(refused)")
        let patch = try await demo.drift("--patch")
        #expect(!patch.out.contains("-SOURCE") && patch.err.contains("git apply -3"), "\(patch)")
        #expect(try await flags.isEmpty ? demo.bringHome() : demo.bringHome("-3"))
        #expect(try demo.source.text("f") == "SOURCE\n" + Self.text + "SPACE\n")
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await demo.onSpace("f") == "SOURCE\n" + Self.text + "SPACE\n")
    }

    @Test func `after an edit is applied to the source, the push is allowed, and the plan says so`()
        async throws
    {
        let demo = try await DriftScene(["f": Self.text, "gone": "x\n"])
        try await demo.edit(["f": Self.text + "SPACE\n", "new": "n\n"], removing: ["gone"])
        try await demo.source.commit(["f": "SOURCE\n" + Self.text], "Ours")
        #expect(try await demo.push().status == 9)
        #expect(try await demo.bringHome("-3"))
        let plan = try await demo.plan()
        #expect(plan.out.contains("~ f  already contains the Space's edit\n"), "\(plan)")
        #expect(!plan.err.contains("refused"), "\(plan)")
        #expect(try await demo.drift().out.isEmpty)
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await demo.onSpace("f") == "SOURCE\n" + Self.text + "SPACE\n")
    }

    @Test func `a source that contains part of an edit does not contain the edit`() async throws {
        let demo = try await DriftScene(["f": Self.text])
        try await demo.edit(["f": "SPACE\n" + Self.text + "SPACE\n"])
        try await demo.source.commit(["f": Self.text + "SPACE\n"], "Half of it")
        let refused = try await demo.push()
        #expect(refused.status == 9 && refused.err.contains("~ f  changed in the source too"), "\(refused)")
    }

    @Test func `a conflict is resolved by hand and pushed with the command from the refusal`() async throws {
        let demo = try await DriftScene(["f": Self.text])
        try await demo.edit(["f": "a\nSPACE\nc\n"])
        try await demo.source.commit(["f": "a\nSOURCE\nc\n"], "Ours")
        let patch = try await demo.drift("--patch")
        #expect(
            patch.err.contains("in the same lines: use git apply -3, then resolve the conflict"), "\(patch)")
        #expect(try await !demo.bringHome("-3"), "git leaves its marks")
        #expect(try demo.source.text("f").contains("<<<<<<<"))
        try await demo.source.commit(["f": "a\nBOTH\nc\n"], "Solve")
        let refused = try await demo.push()
        #expect(refused.status == 9, "\(refused)")
        let words = "after you have resolved the conflict in the source: "
        #expect(
            refused.err.contains(words + "spacesync push me/demo --no-wait --force=drift\n"), "\(refused)")
        #expect(try await demo.push("--force=drift").status == 0)
        #expect(try await demo.onSpace("f") == "a\nBOTH\nc\n")
    }

    @Test func `hints offer only commands that can succeed`() async throws {
        let demo = try await DriftScene(["f": Self.text, "g": "g\n"])
        try await demo.edit(["f": Self.text + "SPACE\n", "g": "G\n"])
        let alone = try await demo.push()
        #expect(alone.err.contains("hint: to keep them: spacesync push me/demo"), "\(alone)")
        #expect(alone.err.contains("--patch | git apply\n"), "\(alone)")
        try await demo.source.commit(["f": "SOURCE\n" + Self.text], "Ours")
        let push = try await demo.push(), merge = try await demo.push("--drift", "merge")
        let plan = try await demo.plan(), drift = try await demo.drift()
        for run in [push, merge, plan, drift] {
            #expect(run.err.contains("--patch | git apply -3\n"), "\(run)")
            #expect(!run.err.contains("git apply\n"), "\(run)")
            #expect(!run.err.contains("to keep them"), "\(run)")
        }
        #expect(merge.status == 9 && merge.err.contains("! f") && !merge.err.contains("! g"), "\(merge)")
        #expect(drift.out.contains("~ f  changed in the source too\n~ g\n"), "\(drift)")
    }

    @Test func `a card key is applied to the source beside another key that the source changed`() async throws
    {
        let card = "---\ntitle: Demo\nemoji: 🚀\nsdk: docker\n---\n# Demo\n\nOne.\n\nTwo.\n"
        let demo = try await DriftScene(["README.md": card])
        let theirs = try demo.hubSide.text("README.md")
        try await demo.edit([
            "README.md": theirs.replacing("🚀", with: "🐟").replacing("Two.", with: "Zwei.")
        ])
        try await demo.source.commit(
            ["README.md": card.replacing("title: Demo", with: "title: Ours").replacing("One", with: "Eins")],
            "Ours")
        #expect(try await demo.push().status == 9)
        #expect(try await demo.bringHome())
        let readme = try demo.source.text("README.md")
        #expect(
            readme == "---\ntitle: Ours\nemoji: 🐟\nsdk: docker\n---\n# Demo\n\nEins.\n\nZwei.\n", "\(readme)")
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
    }

    @Test func `a file deleted on the Space and changed in the source is left out of the patch`()
        async throws
    {
        let demo = try await DriftScene(["f": Self.text, "g": "g\n"])
        try await demo.edit(["g": "G\n"], removing: ["f"])
        try await demo.source.commit(["f": "SOURCE\n" + Self.text], "Ours")
        let patch = try await demo.drift("--patch")
        #expect(
            patch.err.contains("f was deleted on the Space and changed in the source: not in the patch"),
            "\(patch)")
        #expect(try await demo.bringHome())
        #expect(try demo.source.text("f") == "SOURCE\n" + Self.text)
        #expect(try demo.source.text("g") == "G\n")
    }

    @Test func `without a previous deploy the patch removes nothing from the source`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        try await scene.clone("me/demo", as: "theirs").publish(["app.py": "theirs\n", "model.py": "m\n"])
        let patch = try await scene.spacesync("drift", "me/demo", "--patch", in: source.url)
        #expect(patch.out.contains("model.py") && !patch.out.contains("app.py"), "\(patch)")
        #expect(patch.err.contains("the source has another file at app.py: not in the patch"), "\(patch)")
        let push = try await scene.spacesync("push", "me/demo", in: source.url)
        #expect(push.status == 9 && !push.err.contains("--drift merge"), "\(push)")
    }

    @Test func `after a rewritten source history the patch contains only the Space's edit`() async throws {
        let demo = try await DriftScene(["f": Self.text])
        try await demo.edit(["f": Self.text + "SPACE\n"])
        try await demo.source.git("checkout", "-q", "--orphan", "fresh")
        try await demo.source.commit(["f": "SOURCE\n" + Self.text], "All anew")
        try await demo.source.git("branch", "-q", "-M", "fresh", "webai2hf")
        try await demo.source.git("reflog", "expire", "--expire=now", "--all")
        try await demo.source.git("gc", "-q", "--prune=now")
        try FileManager.default.removeItem(atPath: demo.scene.folder.path + "/home/.cache")
        #expect(try await demo.push().status == 9)
        #expect(try await demo.bringHome("-3"))
        #expect(try demo.source.text("f") == "SOURCE\n" + Self.text + "SPACE\n")
        // No commit remains that identifies the source as the same repository.
        let pushed = try await demo.push("--force=repository")
        #expect(pushed.status == 0, "\(pushed)")
    }

    @Test func `with history = source the patch reverts nothing of the source either`() async throws {
        let demo = try await DriftScene(["f": Self.text], ["-c", "history=source"])
        try await demo.edit(["f": Self.text + "SPACE\n"])
        try await demo.source.commit(["f": "SOURCE\n" + Self.text], "Ours")
        let refused = try await demo.push()
        #expect(refused.status == 9 && refused.err.contains("--patch | git apply -3\n"), "\(refused)")
        #expect(try await demo.bringHome())
        #expect(try demo.source.text("f") == "SOURCE\n" + Self.text + "SPACE\n")
    }

    @Test func `a file deleted in the source is not reported as changed there`() async throws {
        let demo = try await DriftScene(["f": Self.text])
        try await demo.edit(["f": Self.text + "SPACE\n"])
        try await demo.source.git("rm", "-q", "f")
        try await demo.source.commit([:], "Remove f")
        let refused = try await demo.push()
        let words = "- f  edited on the Space since the last deploy, and no longer deployed from the source\n"
        #expect(refused.status == 9 && refused.err.contains(words), "\(refused)")
        let patch = try await demo.drift("--patch")
        #expect(patch.out.isEmpty && patch.err.contains("the source no longer has it"), "\(patch)")
    }

    /// The changed lines are adjacent, so a merge cannot show that the source contains the edit.
    @Test func `an edit applied to the source and then changed there counts as the source's`() async throws {
        let drift = try await DriftScene(["f.txt": "one\n"])
        try await drift.edit(["f.txt": "one, by the Space\n"])
        #expect(try await drift.bringHome())
        try await drift.source.commit(["f.txt": "one, by the Space and the source\n"], "Work on")
        let listed = try await drift.drift()
        #expect(listed.err.contains("has no changes"), "\(listed)")
        let pushed = try await drift.push()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await drift.onSpace("f.txt") == "one, by the Space and the source\n")
        try await drift.edit(["f.txt": "never seen\n"])
        try await drift.source.commit(["f.txt": "something else\n"], "Other")
        #expect(try await drift.push().status == 9)
    }
}

import Foundation
import TestSupport
import Testing

/// A README edited on the Hub's website: each card key and the text below the card are compared separately.
struct DriftReadmeTests {
    private static let plain = ["README.md": "# Demo\n\nOne.\n\nTwo.\n\nThree.\n"]
    private static let card =
        "---\ntitle: Demo\nemoji: 🚀\nsdk: docker\n---\n# Demo\n\nOne.\n\nTwo.\n\nThree.\n"

    /// Edits the Space's README, as on the website.
    private func editReadme(_ demo: DriftScene, _ edits: [(String, String)]) async throws {
        try await demo.hubSide.git("pull", "-q", "--rebase", "origin", "main")
        var text = try demo.hubSide.text("README.md")
        for (old, new) in edits {
            try #require(text.contains(old), "\(text)")
            text = text.replacing(old, with: new)
        }
        try await demo.edit(["README.md": text])
    }

    /// The emoji that the Hub gave to a new Space.
    private func emoji(_ demo: DriftScene) throws -> String {
        let line = try demo.hubSide.text("README.md").split(separator: "\n").first { $0.hasPrefix("emoji:") }
        return try String(#require(line))
    }

    /// Checks that another push changes nothing.
    private func converges(_ demo: DriftScene, _ flags: String...) async throws {
        let head = try await demo.scene.clone("me/demo", as: "head-\(UUID())").head()
        let again = try await demo.scene.spacesync(
            ["push", "me/demo", "--no-wait"] + demo.flags + flags, in: demo.source.url)
        #expect(again.status == 0 && again.err.contains("me/demo unchanged"), "\(again)")
        #expect(try await demo.scene.clone("me/demo", as: "head-\(UUID())").head() == head)
    }

    @Test func `a card key removed on the Space stays removed over many deploys`() async throws {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("emoji: 🚀\n", "")])
        try await demo.source.commit(["other.txt": "1\n"], "Other")
        #expect(try await demo.push().status == 9)
        #expect(try await demo.push("--drift", "merge").status == 0)
        try await converges(demo)
        for number in 1...2 {
            try await demo.source.commit(
                ["README.md": Self.card.replacing("One.", with: "One \(number).")], "Change \(number)")
            let pushed = try await demo.push()
            #expect(pushed.status == 0, "\(pushed)")
            let readme = try await demo.onSpace("README.md")
            #expect(!readme.contains("emoji") && readme.contains("One \(number)."), "\(readme)")
        }
    }

    @Test func `a merge preserves body and emoji over many deploys when the source has no card`()
        async throws
    {
        let demo = try await DriftScene(Self.plain)
        try await editReadme(demo, [(try emoji(demo), "emoji: 🐟"), ("Two.", "Zwei.")])
        let edited = try await demo.onSpace("README.md")
        let refused = try await demo.push()
        #expect(
            refused.status == 9 && refused.err.contains("~ README.md: text below the card\n"), "\(refused)")
        #expect(!refused.err.contains("changed in the source"), "\(refused)")
        #expect(refused.err.contains("to keep them: spacesync push me/demo"), "\(refused)")
        #expect(!(try await demo.plan().err.contains("changed in the source")))
        let drift = try await demo.drift()
        #expect(drift.out.contains("~ README.md  card: emoji, and the text below it;"), "\(drift)")
        #expect(!drift.out.contains("changed in the source"), "\(drift)")
        try await converges(demo, "--drift", "merge")
        for number in 1...3 {
            try await demo.source.commit(["app.py": "print(\(number + 5))\n"], "Change \(number)")
            let pushed = try await (number == 1 ? demo.push("--drift", "merge") : demo.push())
            #expect(pushed.status == 0, "\(pushed)")
            #expect(try await demo.onSpace("README.md") == edited)
            try await converges(demo)
        }
    }

    @Test func `text edited on both sides is merged by lines, and a conflict in the same lines is named`()
        async throws
    {
        let demo = try await DriftScene(Self.plain)
        try await editReadme(demo, [("Three.", "Drei.")])
        try await demo.source.commit(["README.md": "# Demo\n\nEins.\n\nTwo.\n\nThree.\n"], "Ours")
        let refused = try await demo.push()
        #expect(refused.status == 9, "\(refused)")
        #expect(
            refused.err.contains("~ README.md: text below the card  changed in the source too\n"),
            "\(refused)")
        #expect(refused.err.contains("to keep them: spacesync push me/demo"), "\(refused)")
        let plan = try await demo.plan("--drift", "merge")
        #expect(
            plan.out.contains("~ README.md  keeps the Space's edits: text below the card"),
            "\(plan)")
        #expect(plan.status == 0 && !plan.out.contains("= README.md"), "\(plan)")
        #expect(try await demo.push("--drift", "merge").status == 0)
        #expect(try await demo.onSpace("README.md").hasSuffix("# Demo\n\nEins.\n\nTwo.\n\nDrei.\n"))
        try await converges(demo)
        // Preserved text continues to be merged.
        try await demo.source.commit(["README.md": "# Ours\n\nEins.\n\nTwo.\n\nThree.\n"], "More")
        let more = try await demo.push()
        #expect(more.status == 0, "\(more)")
        #expect(try await demo.onSpace("README.md").hasSuffix("# Ours\n\nEins.\n\nTwo.\n\nDrei.\n"))
        try await demo.source.commit(["README.md": "# Ours\n\nEins.\n\nTwo.\n\nTrois.\n"], "The same line")
        for run in [try await demo.push(), try await demo.push("--drift", "merge"), try await demo.plan()] {
            #expect(run.status == 9 && run.err.contains("! README.md: text below the card\n"), "\(run)")
            #expect(!run.err.contains("git apply"), "no patch is offered that would be empty: \(run)")
        }
        #expect(!(try await demo.drift().err.contains("git apply")))
        let patch = try await demo.drift("--patch")
        #expect(patch.err.contains("the text below the card was changed on both sides"), "\(patch)")
        #expect(!patch.out.contains("-Trois."), "\(patch)")
    }

    @Test func `an edited key is preserved beside keys that the source changes, and is in the patch`()
        async throws
    {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("🚀", "🐟"), ("Two.", "Zwei.")])
        try await demo.source.commit(
            [
                "README.md": Self.card.replacing("title: Demo", with: "title: Ours").replacing(
                    "# Demo", with: "# Ours")
            ],
            "Ours")
        #expect(try await demo.push().status == 9)
        let merged = try await demo.push("--drift", "merge")
        #expect(merged.status == 0, "\(merged)")
        let readme = try await demo.onSpace("README.md")
        #expect(readme.contains("title: Ours") && readme.contains("emoji: 🐟"), "\(readme)")
        #expect(readme.hasSuffix("# Ours\n\nOne.\n\nZwei.\n\nThree.\n"), "\(readme)")
        try await converges(demo)
        let list = try await demo.drift()
        #expect(list.out.contains("~ README.md  card: emoji"), "\(list)")
        #expect(try await demo.bringHome())
        #expect(
            try demo.source.text("README.md")
                == "---\ntitle: Ours\nemoji: 🐟\nsdk: docker\n---\n# Ours\n\nOne.\n\nZwei.\n\nThree.\n")
        #expect(try await demo.drift().out.isEmpty)
        try await demo.source.commit(["app.py": "print(7)\n"], "Other")
        #expect(try await demo.push().status == 0)
        let message = try await demo.scene.clone("me/demo").git("log", "-1", "--format=%B")
        #expect(!message.contains("Merged"), "the record goes: \(message)")
    }

    @Test func `the same key changed on both sides is a named conflict, other keys are not`()
        async throws
    {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("🚀", "🐟"), ("title: Demo", "title: Theirs")])
        try await demo.source.commit(["README.md": Self.card.replacing("🚀", with: "🐠")], "Ours")
        let refused = try await demo.push()
        let line = "~ README.md: title, emoji  emoji changed in the source too\n"
        #expect(refused.status == 9 && refused.err.contains(line), "\(refused)")
        for run in [try await demo.push("--drift", "merge"), try await demo.plan("--drift", "merge")] {
            #expect(run.status == 9 && run.err.contains("! README.md: emoji\n"), "\(run)")
            #expect(!run.err.contains("title"), "\(run)")
        }
        let patch = try await demo.drift("--patch")
        #expect(patch.err.contains("emoji of the card was changed on both sides"), "\(patch)")
        #expect(patch.out.contains("+title: Theirs") && !patch.out.contains("🐠\n-"), "\(patch)")
        #expect(try await demo.bringHome())
        #expect(try demo.source.text("README.md").contains("title: Theirs\nemoji: 🐠\n"))
        try await demo.source.commit(["README.md": Self.card.replacing("🚀", with: "🐟")], "Theirs")
        let pushed = try await demo.push("--drift", "merge")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await demo.onSpace("README.md").contains("title: Theirs\nemoji: 🐟\n"))
    }

    @Test func `an edit that was applied to the source may be changed there later`() async throws {
        let demo = try await DriftScene(Self.plain)
        try await editReadme(demo, [("Two.", "Zwei.")])
        #expect(try await demo.bringHome())
        #expect(
            try demo.source.text("README.md") == "# Demo\n\nOne.\n\nZwei.\n\nThree.\n", "no card comes along")
        try await demo.source.commit(
            ["README.md": "# Demo\n\nOne.\n\nZwei oder drei.\n\nThree.\n"], "Work on")
        #expect(try await demo.drift().out.isEmpty)
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await demo.onSpace("README.md").contains("Zwei oder drei."))
    }

    @Test(arguments: [[], ["-c", "trace=none"]])
    func `a key that only the settings add does not count as a change of the source`(trace: [String])
        async throws
    {
        let demo = try await DriftScene(["README.md": Self.card], trace)
        try await editReadme(demo, [("Two.", "Zwei."), ("🚀", "🐟")])
        try await demo.source.commit(["app.py": "print(6)\n"], "Other")
        let pushed = try await demo.push("--drift", "merge", "-c", "card=license: mit")
        #expect(pushed.status == 0, "\(pushed)")
        let readme = try await demo.onSpace("README.md")
        #expect(
            readme.contains("license: mit") && readme.contains("🐟") && readme.contains("Zwei."), "\(readme)")
        try await converges(demo, "-c", "card=license: mit")
        let gone = try await demo.push()
        #expect(gone.status == 0, "\(gone)")
        let after = try await demo.onSpace("README.md")
        #expect(!after.contains("license") && after.contains("🐟") && after.contains("Zwei."), "\(after)")
    }

    @Test func `a preserved key that conflicts with the settings is reported`() async throws {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("🚀", "🐟")])
        try await demo.source.commit(["app.py": "print(6)\n"], "Other")
        #expect(try await demo.push("--drift", "merge").status == 0)
        let refused = try await demo.push("-c", "card=emoji: 🐠")
        #expect(refused.status == 9 && refused.err.contains("! README.md: emoji"), "\(refused)")
        let forced = try await demo.push("-c", "card=emoji: 🐠", "--drift", "overwrite")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await demo.onSpace("README.md").contains("emoji: 🐠"))
    }

    @Test func `a comment added to the card is an edit too`() async throws {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("sdk: docker", "# the Hub's side\nsdk: docker")])
        try await demo.source.commit(["app.py": "print(6)\n"], "Other")
        let refused = try await demo.push()
        #expect(refused.status == 9 && refused.err.contains("~ README.md\n"), "\(refused)")
        #expect(try await demo.push("--drift", "merge").status == 0)
        #expect(try await demo.onSpace("README.md").contains("# the Hub's side\n"))
        try await converges(demo)
    }

    @Test func `a rollback preserves the parts that a merge preserved`() async throws {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("🚀", "🐟")])
        for number in 1...2 {
            try await demo.source.commit(["app.py": "print(\(number + 5))\n"], "Change \(number)")
            #expect(try await demo.push("--drift", "merge").status == 0)
        }
        let back = try await demo.scene.spacesync("rollback", "me/demo", "--no-wait", in: demo.source.url)
        #expect(back.status == 0, "\(back)")
        try await demo.source.commit(["app.py": "print(9)\n"], "Again")
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await demo.onSpace("README.md").contains("emoji: 🐟"))
    }

    @Test func `a README preserved by keep is not compared with a deploy`() async throws {
        let demo = try await DriftScene(["README.md": Self.card])
        try await editReadme(demo, [("🚀", "🐟"), ("One.", "Eins.")])
        try await demo.source.commit(["app.py": "print(6)\n"], "Other")
        #expect(try await demo.push("-c", "keep=README.md").status == 0)
        try await editReadme(demo, [("Two.", "Zwei.")])
        let refused = try await demo.push()
        #expect(
            refused.status == 9 && refused.err.contains("+ README.md  changed in the source too"),
            "\(refused)")
        let merged = try await demo.push("--drift", "merge")
        #expect(merged.status == 9, "\(merged)")
        #expect(try await demo.onSpace("README.md").contains("Eins."))
    }
}

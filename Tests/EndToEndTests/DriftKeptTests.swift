import Foundation
import TestSupport
import Testing

/// Edits that `drift = merge` preserves on the Space over many deploys.
struct DriftKeptTests {
    @Test func `a merge with nothing to push reports what is preserved and for how long, without a commit`()
        async throws
    {
        let demo = try await DriftScene(["f": "a\n"])
        try await demo.edit(["f": "b\n"])
        let head = try await demo.hubSide.head()
        let kept = try await demo.push("--drift", "merge")
        #expect(kept.status == 0 && kept.err.contains("= f  edited on the Space (merged)\n"), "\(kept)")
        #expect(
            kept.err.contains("to keep it in later deploys: git config space.me/demo.drift merge,"), "\(kept)"
        )
        #expect(try await demo.scene.clone("me/demo").head() == head)
        let plan = try await demo.plan("--drift", "merge")
        #expect(plan.out == "= f  edited on the Space (merged)\n1 kept\n", "\(plan)")
        #expect(plan.err.contains("kept this time"), "\(plan)")
        #expect(try await demo.push().status == 9, "asked for once")
        try await demo.source.git("config", "space.me/demo.drift", "merge")
        let later = try await demo.push()
        #expect(
            later.status == 0 && later.err.contains("= f ") && !later.err.contains("this time"), "\(later)")
        try await demo.source.commit(["other": "x\n"], "Other")
        let pushed = try await demo.push()
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await demo.onSpace("f") == "b\n")
    }

    @Test func `a further edit to a preserved file is preserved and appears completely in the patch`()
        async throws
    {
        let demo = try await DriftScene(["f": "a\nb\nc\n"])
        try await demo.edit(["f": "ONE\na\nb\nc\n"])
        try await demo.source.commit(["other": "1\n"], "Other")
        #expect(try await demo.push("--drift", "merge").status == 0)
        try await demo.edit(["f": "ONE\na\nb\nc\nTWO\n"])
        try await demo.source.commit(["other": "2\n"], "Other")
        #expect(try await demo.push().status == 0)
        #expect(try await demo.onSpace("f") == "ONE\na\nb\nc\nTWO\n")
        try await demo.edit(["f": "ONE\na\nb\nc\nTWO\nTHREE\n"])
        try await demo.source.commit(["f": "a\nSOURCE\nc\n"], "Ours")
        #expect(try await demo.push().status == 9)
        #expect(try await demo.push("--drift", "merge").status == 9)
        let patch = try await demo.drift("--patch")
        #expect(patch.out.contains("+ONE") && !patch.out.contains("-SOURCE"), "\(patch)")
    }

    @Test func `a preserved edit is removed by overwrite, and the plan names it`() async throws {
        let demo = try await DriftScene(["f": "a\n"])
        try await demo.edit(["f": "b\n"])
        try await demo.source.commit(["other": "1\n"], "Other")
        #expect(try await demo.push("--drift", "merge").status == 0)
        let plan = try await demo.plan("--drift", "overwrite")
        #expect(plan.out.contains("~ f  edited on the Space (merged until now)\n"), "\(plan)")
        #expect(try await demo.push("--drift", "overwrite").status == 0)
        #expect(try await demo.onSpace("f") == "a\n")
        #expect(try await demo.push().err.contains("me/demo unchanged"))
    }

    @Test func `a path with special characters is preserved`() async throws {
        let name = " \"b\"\tü .txt "
        let demo = try await DriftScene([name: "a\n"])
        try await demo.edit([name: "b\n"])
        for number in 1...2 {
            try await demo.source.commit(["other": "\(number)\n"], "Other")
            let flags = number == 1 ? "merge" : "refuse"
            let pushed = try await demo.push("--drift", flags)
            #expect(pushed.status == 0, "\(pushed)")
            #expect(try await demo.onSpace(name) == "b\n")
        }
    }

    @Test func `a mode change is preserved until the source changes the file too`() async throws {
        let demo = try await DriftScene(["run.sh": "#!/bin/sh\n"])
        try await demo.hubSide.git("update-index", "--chmod=+x", "run.sh")
        try await demo.hubSide.git("commit", "-q", "-m", "Edit on the Hub")
        try await demo.hubSide.git("push", "-q", "origin", "HEAD:main")
        try await demo.source.commit(["other": "1\n"], "Other")
        #expect(try await demo.push("--drift", "merge").status == 0)
        try await demo.source.commit(["other": "2\n"], "Other")
        #expect(try await demo.push().status == 0)
        let listed = try await demo.scene.clone("me/demo").git("ls-files", "-s", "run.sh")
        #expect(listed.hasPrefix("100755"), "\(listed)")
        let patch = try await demo.drift("--patch")
        #expect(patch.out.contains("old mode 100644\nnew mode 100755\n"), "\(patch)")
        try await demo.source.commit(["run.sh": "#!/bin/sh\necho\n"], "Ours")
        #expect(try await demo.push().status == 9)
        #expect(try await demo.bringHome())
        #expect(try await demo.push().status == 0)
        #expect(try await demo.onSpace("run.sh") == "#!/bin/sh\necho\n")
    }

    @Test func `a file added on the Space never replaces a directory of the source`() async throws {
        let demo = try await DriftScene(["f": "a\n"])
        try await demo.edit(["data": "theirs\n", "x/y": "theirs\n"])
        try await demo.source.commit(["data/one": "1\n", "x": "ours\n"], "Ours")
        let refused = try await demo.push("--drift", "merge")
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("! data\n") && refused.err.contains("! x/y\n"), "\(refused)")
        let forced = try await demo.push("--force=drift")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await demo.onSpace("data/one") == "1\n")
        #expect(try await demo.onSpace("x") == "ours\n")
    }

    @Test func `a directory that replaces a file on the Space is preserved over many deploys`() async throws {
        let demo = try await DriftScene(["x": "a\n", "y/z": "b\n"])
        try await demo.edit([:], removing: ["x", "y"])
        try await demo.edit(["x/one": "1\n", "y": "2\n"])
        for number in 1...3 {
            try await demo.source.commit(["other": "\(number)\n"], "Other")
            let pushed = try await demo.push("--drift", number == 1 ? "merge" : "refuse")
            #expect(pushed.status == 0, "\(pushed)")
            #expect(try await demo.onSpace("x/one") == "1\n")
            #expect(try await demo.onSpace("y") == "2\n")
        }
    }

    @Test func `links changed on both sides are reported, not merged`() async throws {
        let demo = try await DriftScene(["f": "a\n"])
        func link(_ repository: Repository, to place: String) async throws {
            let path = repository.url.appending(path: "link").path
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: place)
            try await repository.commit([:], "Link to \(place)")
        }
        try await link(demo.source, to: "f")
        #expect(try await demo.push().status == 0)
        try await demo.hubSide.git("pull", "-q", "origin", "main")
        try await link(demo.hubSide, to: "app.py")
        try await demo.hubSide.publish(["g": "g\n"])
        try await link(demo.source, to: "README.md")
        let patch = try await demo.drift("--patch")
        #expect(
            patch.err.contains("link was changed on the Space and changed in the source: not in the patch"),
            "\(patch)")
        #expect(patch.out.contains("+++ b/g"), "\(patch)")
        #expect(try await demo.push().status == 9)
    }

    @Test func `edits preserved by keep are not overwritten when keep is removed`() async throws {
        let drift = try await DriftScene([:])
        try await drift.edit(["data/users.txt": "ada\n", "app.log": "here\n"])
        try await drift.source.commit(["app.py": "print(2)\n"], "Two")
        let kept = try await drift.push("-c", "keep=data/", "-c", "keep=*.log")
        #expect(kept.status == 0, "\(kept)")
        let again = try await drift.push("-c", "keep=data/", "-c", "keep=*.log")
        #expect(again.status == 0 && again.err.contains("nothing to change"), "\(again)")
        for flags in [["-c", "keep=dta/"], []] {
            let refused = try await drift.scene.spacesync(
                ["push", "me/demo", "--no-wait"] + flags, in: drift.source.url)
            #expect(refused.status == 9, "\(refused)")
            #expect(refused.err.contains("data/users.txt") && refused.err.contains("app.log"), "\(refused)")
        }
        try await drift.source.commit(["data/users.txt": "another\n"], "Ours")
        let both = try await drift.push("-c", "keep=*.log")
        #expect(both.status == 9 && both.err.contains("data/users.txt"), "\(both)")
        #expect(try await drift.onSpace("data/users.txt") == "ada\n")
        let asked = try await drift.push("--drift", "overwrite")
        #expect(asked.status == 0, "\(asked)")
        #expect(try await drift.onSpace("data/users.txt") == "another\n")
        #expect(try await drift.push().err.contains("nothing to change"))
    }
}

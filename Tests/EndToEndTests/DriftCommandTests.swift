import Foundation
import TestSupport
import Testing

/// `drift SPACE` lists the changes made on the Space, and writes them as a patch for the source.
struct DriftCommandTests {
    private func deployed(
        _ scene: Scene, _ files: [String: String] = Scene.files, _ flags: [String] = []
    ) async throws -> (source: Repository, hubSide: Repository) {
        let source = try await scene.source(files)
        let first = try await scene.spacesync(
            ["push", "me/demo", "--create", "--no-wait"] + flags, in: source.url)
        try #require(first.status == 0, "\(first)")
        return (source, try await scene.clone("me/demo", as: "hub-side"))
    }

    private func drift(_ scene: Scene, _ source: Repository, _ flags: [String] = []) async throws -> Finished
    {
        let drift = try await scene.spacesync(["drift", "me/demo"] + flags, in: source.url)
        #expect(drift.status == 0, "\(drift)")
        return drift
    }

    /// Applies the patch with real git and commits it.
    private func applyPatch(_ patch: Finished, to source: Repository) async throws {
        let file = source.url.appending(path: ".git/drift.patch")
        try Data(patch.out.utf8).write(to: file)
        try await source.git("apply", "--check", file.path)
        try await source.git("apply", "--index", file.path)
        try await source.git("commit", "-q", "-m", "Bring it home")
    }

    /// Checks that the next push changes nothing and that drift is empty.
    private func isClean(_ scene: Scene, _ source: Repository, _ flags: [String] = []) async throws {
        let push = try await scene.spacesync(["push", "me/demo", "--no-wait"] + flags, in: source.url)
        #expect(push.status == 0 && push.err.contains("me/demo unchanged"), "\(push)")
        let again = try await drift(scene, source, flags)
        #expect(again.out.isEmpty, "\(again)")
    }

    @Test func `drift without changes says so, with empty standard output`() async throws {
        let scene = try await Scene()
        let (source, _) = try await deployed(scene)
        let none = try await drift(scene, source)
        #expect(none.out.isEmpty && none.err.contains("has no changes since"), "\(none)")
        #expect(try await drift(scene, source, ["--patch"]).out.isEmpty)
    }

    @Test func `git apply applies every kind of change to the source, and the next push is unchanged`()
        async throws
    {
        let scene = try await Scene()
        let files = Scene.files.merging([
            "notes.txt": "one\ntwo\nthree\n", "end.txt": "no line end", "gone.txt": "x\n", "run.sh": "#!\n",
            "empty.txt": "", "crlf.txt": "a\r\nb\r\n", "file.txt": "was a file\n",
        ]) { $1 }
        let (source, hubSide) = try await deployed(scene, files)
        try hubSide.write([
            "notes.txt": "one\n2\nthree\n", "end.txt": "still none", "new dir/a \"b\" ü.txt": "new\n",
            "tab\there.txt": "t\n", "none.txt": "", "crlf.txt": "a\r\nc\r\n", "run.sh": "#!/bin/sh\n",
            "README.md": "---\ntitle: Other\nsdk: docker\nemoji: 🐟\n---\n# Demo\n\nMore.\n",
        ])
        let work = hubSide.url
        try FileManager.default.removeItem(at: work.appending(path: "gone.txt"))
        try FileManager.default.removeItem(at: work.appending(path: "file.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: work.appending(path: "file.txt").path, withDestinationPath: "notes.txt")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: work.appending(path: "run.sh").path)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: work.appending(path: "app.py").path)
        try await hubSide.publish([:])
        let list = try await drift(scene, source)
        #expect(list.out.contains("~ notes.txt\n") && list.out.contains("- gone.txt\n"), "\(list)")
        #expect(list.out.contains("~ README.md  card: title, emoji"), "\(list)")
        #expect(list.out.contains("~ app.py"), "a mode alone: \(list)")
        let quiet = try await drift(scene, source, ["-q"])
        #expect(quiet.out.contains("\nnotes.txt\n") && quiet.err.isEmpty, "\(quiet)")
        let refused = try await scene.spacesync("push", "me/demo", in: source.url)
        #expect(refused.status == 9 && refused.err.contains("spacesync drift me/demo"), "\(refused)")
        try await applyPatch(try await drift(scene, source, ["--patch"]), to: source)
        try await isClean(scene, source)
    }

    @Test func `a file with a late zero byte is patched into the source`() async throws {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(scene)
        // The Hub accepts a file that is binary from its beginning only by LFS.
        let late = String(repeating: "text\n", count: 2000) + "\u{0}\n"
        try await hubSide.publish(["late.txt": late])
        let patch = try await drift(scene, source, ["--patch"])
        try await applyPatch(patch, to: source)
        try await isClean(scene, source)
    }

    @Test func `patched paths are the paths of the source`() async throws {
        let scene = try await Scene()
        let files = [
            "app/app.py": "print(1)\n", "app/README.md": "# Plain\n\nText.\n", "docker.hf": "FROM a:1\n",
            "hf/config.yaml": "a: 1\n", "config.hf.yaml": "b: 1\n", "docs/x.md": "x\n",
        ]
        let flags = [
            "--root", "app", "--map", "hf/:conf/", "--map", "config.hf.yaml:config.yaml", "--dockerfile",
            "docker.hf", "--exclude", "secret/",
        ]
        let (source, hubSide) = try await deployed(scene, files, flags)
        let readme = try hubSide.text("README.md")
        try await hubSide.publish([
            "app.py": "print(2)\n", "Dockerfile": "FROM a:2\n", "conf/config.yaml": "a: 2\n",
            "conf/more.yaml": "m: 1\n", "config.yaml": "b: 2\n", "lib/new.py": "n\n", "secret/s": "s\n",
            "README.md": readme.replacing("Text.", with: "Other text."),
        ])
        let list = try await drift(scene, source, flags)
        #expect(list.out.contains("~ conf/config.yaml  hf/config.yaml in the source"), "\(list)")
        #expect(list.out.contains("+ secret/s  no path of the source is deployed to it"), "\(list)")
        let patch = try await drift(scene, source, flags + ["--patch"])
        #expect(!patch.out.contains("secret") && patch.err.contains("+ secret/s  no path"), "\(patch)")
        try await applyPatch(patch, to: source)
        let changed = try await source.git("show", "--format=", "--name-only", "HEAD").split(separator: "\n")
        #expect(
            changed == [
                "app/README.md", "app/app.py", "app/lib/new.py", "config.hf.yaml", "docker.hf",
                "hf/config.yaml", "hf/more.yaml",
            ])
        #expect(
            try source.text("app/README.md") == "# Plain\n\nOther text.\n", "no card is laid into the source")
        try await isClean(scene, source, flags + ["-c", "keep=secret/"])
    }

    @Test func `git apply -3 merges a file that both sides changed`() async throws {
        let scene = try await Scene()
        let lines = (1...9).map { "line \($0)\n" }.joined()
        let (source, hubSide) = try await deployed(scene, Scene.files.merging(["a.txt": lines]) { $1 })
        try await hubSide.publish(["a.txt": lines.replacing("line 2\n", with: "their 2\n")])
        try await source.commit(["a.txt": lines.replacing("line 4\n", with: "our 4\n")], "Ours")
        let patch = try await drift(scene, source, ["--patch"])
        #expect(patch.err.contains("git apply -3"), "\(patch)")
        let file = source.url.appending(path: ".git/drift.patch")
        try Data(patch.out.utf8).write(to: file)
        try await source.git("apply", "-3", file.path)
        let merged = lines.replacing("line 2\n", with: "their 2\n").replacing("line 4\n", with: "our 4\n")
        #expect(try source.text("a.txt") == merged)
    }

    @Test func `a file that a merge preserved on the Space can be patched into the source later`()
        async throws
    {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(scene, Scene.files.merging(["a.txt": "one\n"]) { $1 })
        try await hubSide.publish(["a.txt": "two\n", "b.txt": "b\n"])
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let merged = try await scene.spacesync(
            "push", "me/demo", "--drift", "merge", "--no-wait", in: source.url)
        #expect(merged.status == 0, "\(merged)")
        let patch = try await drift(scene, source, ["--patch"])
        #expect(patch.err.contains("kept by drift = merge"), "\(patch)")
        try await applyPatch(patch, to: source)
        try await isClean(scene, source)
    }

    @Test func `drift --json prints one object per file and needs no token for a public Space`() async throws
    {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(
            scene, Scene.files.merging(["a.txt": "one\n"]) { $1 }, ["--visibility", "public"])
        try await hubSide.publish(["a.txt": "two\n"])
        let json = try await scene.spacesync(
            "drift", "me/demo", "--json", "--patch", in: source.url, changing: ["HF_TOKEN": nil])
        #expect(json.status == 0, "\(json)")
        let entry = try #require(json.events("drift").first)
        #expect(entry["path"] as? String == "a.txt" && entry["change"] as? String == "updated")
        #expect(entry["source_path"] as? String == "a.txt" && entry["merged"] as? Bool == false)
        #expect((entry["patch"] as? String)?.hasPrefix("diff --git a/a.txt b/a.txt\n") == true, "\(json)")
        #expect(json.result("commit") == (try await hubSide.head()))
    }

    @Test func `drift works with history = source`() async throws {
        let scene = try await Scene()
        let flags = ["-c", "history=source"]
        let (source, hubSide) = try await deployed(
            scene, Scene.files.merging(["a.txt": "one\n"]) { $1 }, flags)
        #expect(try await drift(scene, source, flags).out.isEmpty)
        try await hubSide.publish(["a.txt": "two\n"], "Edit one")
        try await hubSide.publish(["b.txt": "b\n"], "Edit two")
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let patch = try await drift(scene, source, flags + ["--patch"])
        try await applyPatch(patch, to: source)
        #expect(try await drift(scene, source, flags).out.isEmpty)
        let forced = try await scene.spacesync(
            ["push", "me/demo", "--no-wait", "--force=history"] + flags, in: source.url)
        #expect(forced.status == 0, "\(forced)")
        #expect(try await scene.clone("me/demo").text("a.txt") == "two\n")
    }

    @Test func `a Space without deploys is compared with what would be deployed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["app.py": "theirs\n", "model.py": "m\n"])
        let list = try await drift(scene, source)
        #expect(list.out.contains("~ app.py\n") && list.out.contains("+ model.py\n"), "\(list)")
        #expect(list.err.contains("that no deploy made"), "\(list)")
    }

    @Test(arguments: [
        (["drift"], 2, "requires exactly one Space"),
        (["drift", "me/a", "me/b"], 2, "requires exactly one Space"),
        (["drift", "me/demo", "--pach"], 2, "did you mean --patch?"), (["drift", "me/none"], 6, "me/none"),
    ])
    func `an invalid drift command line is refused with an explanation`(
        line: [String], code: Int32, words: String
    ) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let wrong = try await scene.spacesync(line, in: source.url)
        #expect(wrong.status == code && wrong.err.contains(words), "\(wrong)")
    }
}

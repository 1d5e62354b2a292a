import Foundation
import TestSupport
import Testing

/// Edits made on the Space are listed, preserved or overwritten, but never lost silently.
struct DriftTests {
    /// A deployed Space, and a clone of it for editing it.
    private func deployed(_ scene: Scene) async throws -> (source: Repository, hubSide: Repository) {
        let source = try await scene.source(
            Scene.files.merging(["notes.txt": "one\n", "b.txt": "b\n"]) { $1 })
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        return (source, try await scene.clone("me/demo", as: "hub-side"))
    }

    private func edit(_ hubSide: Repository, _ files: [String: String]) async throws {
        try await hubSide.commit(files, "Edit on the Hub")
        try await hubSide.git("push", "-q", "origin", "main")
    }

    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(["push", "me/demo", "--no-wait"] + flags, in: source.url)
    }

    @Test func `an edit on the Hub is listed and not reverted`() async throws {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(scene)
        try await edit(hubSide, ["notes.txt": "two\n", "extra.txt": "x\n"])
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let refused = try await push(scene, source)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("~ notes.txt") && refused.err.contains("+ extra.txt"), "\(refused)")
        #expect(refused.err.contains("--force=drift"))
        #expect(try await scene.clone("me/demo").text("notes.txt") == "two\n")
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 9 && planned.err.contains("--force=drift"), "\(planned)")
    }

    @Test func `overwrite replaces the edit in a new commit`() async throws {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(scene)
        try await edit(hubSide, ["notes.txt": "two\n"])
        let forced = try await push(scene, source, "--force=drift")
        #expect(forced.status == 0, "\(forced)")
        let clone = try await scene.clone("me/demo")
        #expect(try clone.text("notes.txt") == "one\n")
        #expect(try await clone.git("log", "--format=%s").contains("Edit on the Hub"), "history stays")
    }

    @Test func `merged edits survive three deploys, until the source changes the file too`() async throws {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(scene)
        try await edit(hubSide, ["notes.txt": "two\n", "extra.txt": "x\n"])
        for number in 1...3 {
            try await source.commit(["app.py": "print(\(number + 5))\n"], "Change \(number)")
            let flags = number == 1 ? ["--drift", "merge"] : []
            let pushed = try await scene.spacesync(["push", "me/demo", "--no-wait"] + flags, in: source.url)
            #expect(pushed.status == 0, "\(pushed)")
            let clone = try await scene.clone("me/demo", as: "clone\(number)")
            #expect(try clone.text("notes.txt") == "two\n")
            #expect(try clone.text("extra.txt") == "x\n")
            #expect(try clone.text("app.py") == "print(\(number + 5))\n")
        }
        try await source.commit(["notes.txt": "three\n"], "Change notes")
        let conflict = try await push(scene, source, "--drift", "merge")
        #expect(conflict.status == 9, "\(conflict)")
        #expect(conflict.err.contains("! notes.txt"))
    }

    @Test func `files matched by keep are not drift`() async throws {
        let scene = try await Scene()
        let (source, hubSide) = try await deployed(scene)
        try await edit(hubSide, ["data/state.json": "{}\n"])
        let pushed = try await push(scene, source, "-c", "keep=data/")
        #expect(pushed.status == 0, "\(pushed)")
    }

    @Test func `a Space pushed from the same history is adopted without confirmation`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.hub.api(
            "POST", "/repos/create", #"{"type":"space","name":"demo","sdk":"docker"}"#)
        let remote = scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@") + "/spaces/me/demo"
        try await source.git("push", "-q", "--force", remote, "webai2hf:main")
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let pushed = try await push(scene, source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print(2)\n")
    }

    @Test func `a Space that spacesync never deployed is not overwritten without confirmation`() async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.hub.api(
            "POST", "/repos/create", #"{"type":"space","name":"demo","sdk":"docker"}"#)
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await edit(theirs, ["model.py": "theirs\n"])
        let refused = try await push(scene, source)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("model.py"))
    }

    @Test func `a deploy that removes many files is refused unless the limit allows it`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        for number in 1...30 { files["many/\(number).txt"] = "\(number)\n" }
        let source = try await scene.source(files)
        _ = try await push(scene, source, "--create")
        let refused = try await push(scene, source, "--exclude", "many/")
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("remove 30 of the 34 files"), "\(refused)")
        let limited = try await push(scene, source, "--exclude", "many/", "-c", "deleteLimit=30")
        #expect(limited.status == 0, "\(limited)")
    }

    @Test func `a key deleted in the source is removed, a key added by the Hub is preserved`() async throws {
        let scene = try await Scene()
        let card = "---\ntitle: Demo\nsdk: docker\nemoji: 🚀\npinned: true\n---\n# Demo\n"
        let source = try await scene.source(Scene.files.merging(["README.md": card]) { $1 })
        _ = try await push(scene, source, "--create")
        try await source.commit(["README.md": "---\ntitle: Demo\nsdk: docker\n---\n# Demo\n"], "Less")
        _ = try await push(scene, source)
        let readme = try await scene.clone("me/demo").text("README.md")
        #expect(!readme.contains("emoji") && !readme.contains("pinned"), "\(readme)")
        #expect(readme.contains("colorFrom"), "what the Hub gave at first stays: \(readme)")
    }

    @Test func `the SDK of a Space does not change without confirmation`() async throws {
        let scene = try await Scene()
        let (source, _) = try await deployed(scene)
        let refused = try await push(
            scene, source, "--sdk", "static", "-c", "card=app_file: app.py", "--force")
        #expect(refused.status == 9, "\(refused)")
        let named = try await push(
            scene, source, "--sdk", "static", "-c", "card=app_file: app.py", "--force=sdk")
        #expect(named.status == 0, "\(named)")
    }

    @Test func `a change of SDK removes the keys of the old SDK`() async throws {
        let scene = try await Scene()
        let source = try await scene.source([
            "app.py": "x\n", "index.html": "<p>\n",
            "README.md": "---\nsdk: gradio\napp_file: app.py\n---\n# x\n",
        ])
        _ = try await push(scene, source, "--create")
        try await source.commit(["README.md": "# x\n"], "No card")
        let changed = try await push(scene, source, "--sdk", "static", "--force=sdk")
        #expect(changed.status == 0, "\(changed)")
        let readme = try await scene.clone("me/demo").text("README.md")
        #expect(readme.contains("sdk: static") && !readme.contains("app_file"), "\(readme)")
    }
}

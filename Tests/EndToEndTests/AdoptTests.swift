import Foundation
import TestSupport
import Testing

/// Adoption of Spaces that other tools filled: versions from the source's history are replaced,
/// files that only the Space has are guarded.
struct AdoptTests {
    /// A Space with these files, committed by another user on top of the Hub's initial commit.
    private func space(_ scene: Scene, _ files: [String: String], titled title: String = "Upload")
        async throws
        -> Repository
    {
        try await scene.makeSpace()
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(files, title)
        return theirs
    }

    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(["push", "me/demo", "--no-wait"] + flags, in: source.url)
    }

    @Test func `files that are not in the source's history are listed, and replaced only on request`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await space(scene, ["app.py": "print('theirs')\n", "model.py": "model\n"])
        for command in ["plan", "push"] {
            let refused = try await scene.spacesync([command, "me/demo"], in: source.url)
            #expect(refused.status == 9, "\(refused)")
            #expect(refused.err.contains("was not deployed by spacesync before"), "\(refused)")
            #expect(refused.err.contains("~ app.py  replaced"), "\(refused)")
            #expect(refused.err.contains("- model.py  removed"), "\(refused)")
            #expect(refused.err.contains("--force=adopt") && refused.err.contains("--adopt"), "\(refused)")
        }
        let json = try await push(scene, source, "--json")
        #expect(json.events("result").last?["guards"] as? [String] == ["adopt"], "\(json)")
        let named = try await push(scene, source, "--force=drift,deletes")
        #expect(named.status == 9, "\(named)")
        let adopted = try await push(scene, source, "--adopt")
        #expect(adopted.status == 0, "\(adopted)")
        #expect(try await scene.clone("me/demo").paths().contains("model.py") == false)
    }

    @Test(arguments: ["--force", "--force=adopt"])
    func `every form of --force adopts the Space`(flag: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await space(scene, ["app.py": "print('theirs')\n"])
        let forced = try await push(scene, source, flag)
        #expect(forced.status == 0, "\(forced)")
    }

    @Test(arguments: [("y\n", 0 as Int32), ("n\n", 9), ("\n", 9), ("", 130)])
    func `on a terminal, adoption asks for confirmation`(answer: String, code: Int32) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await space(scene, ["app.py": "print('theirs')\n", "model.py": "model\n"])
        let run = try await scene.onTerminal(
            "push", "me/demo", "--no-wait", answering: [answer], in: source.url)
        #expect(run.status == code, "\(run)")
        #expect(run.out.contains("Adopt me/demo and replace 1 and remove 1 of its files? [y/N]"), "\(run)")
        let isThere = try await scene.clone("me/demo").paths().contains("model.py")
        #expect(isThere == (code != 0), "\(run)")
    }

    @Test func `an older version of a source file is replaced without confirmation, for mapped files too`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging(["hf/lib/a.txt": "one\n", "old.txt": "old\n", "web/page.html": "one\n"]) {
                $1
            })
        try await source.commit(["hf/lib/a.txt": "two\n", "web/page.html": "two\n"], "Two")
        try await source.git("rm", "-q", "old.txt")
        try await source.commit(["hf/lib/a.txt": "three\n"], "Three")
        _ = try await space(
            scene,
            [
                "lib/a.txt": "one\n", "old.txt": "old\n", "static/page.html": "one\n",
                "app.py": "print('hello')\r\n",
            ])
        let flags = ["-c", "map=hf/:/", "-c", "map=web/:static/", "-c", "exclude=hf/"]
        let pushed = try await scene.spacesync(["push", "me/demo", "--no-wait"] + flags, in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.clone("me/demo")
        #expect(try clone.text("lib/a.txt") == "three\n")
        #expect(try await clone.paths().contains("old.txt") == false)
    }

    @Test func `card keys that only the Space has are preserved, an edited key is guarded`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let card =
            "---\ntitle: Demo\nemoji: 🦊\nsdk: docker\nmodels:\n- a/b\nsuggested_hardware: t4-small\n---\n# Demo\n"
        let theirs = try await space(scene, ["README.md": card])
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 0, "\(planned)")
        try await theirs.publish(["README.md": card.replacing("title: Demo", with: "title: Ours")])
        let refused = try await push(scene, source)
        #expect(refused.status == 9 && refused.err.contains("~ README.md"), "\(refused)")
        try await theirs.publish(["README.md": card.replacing("# Demo", with: "# Demo\n\nMore.")])
        let text = try await push(scene, source)
        #expect(text.status == 9 && text.err.contains("~ README.md"), "\(text)")
        try await theirs.publish(["README.md": card])
        let pushed = try await push(scene, source)
        #expect(pushed.status == 0, "\(pushed)")
        try await source.commit(["app.py": "print(2)\n"], "Two")
        #expect(try await push(scene, source).status == 0)
        let readme = try await scene.clone("me/demo").text("README.md")
        #expect(readme.contains("- a/b") && readme.contains("suggested_hardware: t4-small"), "\(readme)")
    }

    @Test func `a Space with identical content gets no commit`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.git("rm", "-q", ".gitattributes")
        try await theirs.publish(Scene.files.merging(["README.md": Scene.files["README.md"] ?? ""]) { $1 })
        let head = try await scene.headOfSpace()
        let first = try await push(scene, source)
        #expect(first.status == 0, "\(first)")
        let second = try await push(scene, source)
        #expect(second.status == 0, "\(second)")
        if !first.err.contains("README.md") { #expect(try await scene.headOfSpace() == head, "\(first)") }
    }

    @Test(arguments: ["Sync from GitHub via hub-sync", "Sync from me/web.app via hub-sync"])
    func `files committed by hub-sync are not edits, later changes to them are`(title: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        // The CI checkout that hub-sync uploaded had files that are not in any commit of the source.
        let theirs = try await space(
            scene, ["app.py": "print('built')\n", "dist/a.js": "1\n"], titled: title)
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 0, "\(planned)")
        try await theirs.publish(["dist/a.js": "2\n", "note.txt": "x\n"], "Edit on the website")
        let refused = try await push(scene, source)
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("- dist/a.js") && refused.err.contains("- note.txt"), "\(refused)")
        #expect(!refused.err.contains("~ app.py  replaced"), "\(refused)")
        let adopted = try await push(scene, source, "--adopt")
        #expect(adopted.status == 0, "\(adopted)")
    }

    @Test func `a hub-sync commit from another repository does not count as the source's own`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.git("remote", "add", "origin", "https://github.com/me/web.git")
        let theirs = try await space(
            scene, ["app.py": "print('built')\n"], titled: "Sync from acme/prod via hub-sync")
        let refused = try await push(scene, source)
        #expect(refused.status == 9 && refused.err.contains("~ app.py  replaced"), "\(refused)")
        try await theirs.publish(["app.py": "print('newer')\n"], "Sync from Me/Web via hub-sync")
        let own = try await push(scene, source)
        #expect(own.status == 0, "\(own)")
        #expect(own.err.contains("uploaded 1 file to me/demo that no commit of the source has"), "\(own)")
    }

    @Test(arguments: [
        "Sync from ../.. via hub-sync", "Sync from -o/n via hub-sync", "Sync from  via hub-sync",
        "Sync from GitHub via hub-sync 2", "Re: Sync from a/b via hub-sync",
    ])
    func `a title that is not exactly hub-sync's does not count as a sync`(title: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await space(scene, ["app.py": "print('built')\n"], titled: title)
        #expect(try await push(scene, source).status == 9)
    }

    @Test func `drift lists only content that the source lacks, and suggests a patch only if there is one`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["app.py": "print(2)\n"], "Two")
        _ = try await space(scene, ["app.py": "print('hello')\n", "Dockerfile": "FROM scratch\n"])
        let listed = try await scene.spacesync("drift", "me/demo", in: source.url)
        #expect(listed.status == 0 && listed.out.contains("~ Dockerfile"), "\(listed)")
        #expect(!listed.out.contains("app.py"), "\(listed)")
        let patch = try await scene.spacesync("drift", "me/demo", "--patch", in: source.url)
        let isHinted = listed.err.contains("git apply")
        #expect(isHinted == patch.out.contains("diff --git"), "\(listed) \(patch)")
    }
}

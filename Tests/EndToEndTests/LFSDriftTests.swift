import Foundation
import TestSupport
import Testing

/// Drift in LFS files: changes made on the Space.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSDriftTests {
    /// A deployed source with two committed binary images, and a clone of the Space with git-lfs set up.
    private func deployed(_ files: [String: String] = [:]) async throws -> (
        scene: Scene, source: Repository, hubSide: Repository
    ) {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(files) { $1 })
        try await source.commit(bytes: ["a.png": .noise(3000), "b.png": .noise(3000, 2)])
        let first = try await scene.push(source)
        try #require(first.status == 0, "\(first)")
        return (scene, source, try await hubSide(scene))
    }

    private func hubSide(_ scene: Scene) async throws -> Repository {
        let clone = try await scene.lfsClone(as: "hub-side")
        try await clone.takePointers()
        return clone
    }

    private func applyPatch(_ scene: Scene, _ source: Repository) async throws {
        let patch = try await scene.spacesync("drift", "me/demo", "--patch", in: source.url)
        let file = source.url.appending(path: ".git/drift.patch")
        try Data(patch.out.utf8).write(to: file)
        try await source.git("apply", file.path)
    }

    @Test func `the drift patch contains a changed image as binary content, not as a pointer`() async throws {
        let (scene, source, theirs) = try await deployed()
        try await theirs.commit(bytes: ["a.png": .noise(4000, 3), "new.png": .noise(500, 4)])
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        let refused = try await scene.push(source)
        #expect(refused.status == 9 && refused.err.contains("~ a.png"), "\(refused)")
        try await applyPatch(scene, source)
        #expect(try source.bytes("a.png") == .noise(4000, 3))
        #expect(try source.bytes("new.png") == .noise(500, 4))
        try await source.commit([:], "Home")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0 && pushed.err.contains("nothing to change"), "\(pushed)")
    }

    @Test func `an image that was patched into the source and changed there counts as the source's`()
        async throws
    {
        let (scene, source, theirs) = try await deployed()
        try await theirs.commit(bytes: ["a.png": .noise(4000, 3)])
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        try await applyPatch(scene, source)
        try await source.commit([:], "Home")
        try await source.commit(bytes: ["a.png": .noise(4100, 5)])
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0 && pushed.err.contains("already contains the Space's edit"), "\(pushed)")
    }

    @Test func `an image deleted on the Space is deleted by the patch too`() async throws {
        let (scene, source, theirs) = try await deployed()
        try await theirs.git("rm", "-q", "b.png")
        try await theirs.commit([:], "Gone")
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        try await applyPatch(scene, source)
        #expect(try await source.git("ls-files", "--deleted") == "b.png")
    }

    @Test func `LFS rules added on the Space are not an edit`() async throws {
        let (scene, source, theirs) = try await deployed([".gitattributes": "*.txt text\n"])
        let rules = try theirs.text(".gitattributes")
        try await theirs.commit(
            [".gitattributes": rules + "*.qqq filter=lfs diff=lfs merge=lfs -text\n"], "Rules")
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        try await source.commit(bytes: ["font.woff2": .noise(900, 6)])
        let drift = try await scene.spacesync("drift", "me/demo", in: source.url)
        #expect(drift.out.isEmpty, "\(drift)")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.lfsClone()
        #expect(try clone.bytes("font.woff2") == .noise(900, 6))
        #expect(try await clone.git("status", "--short") == "")
    }

    @Test func `an LFS rule removed on the Space is an edit`() async throws {
        let (scene, source, theirs) = try await deployed()
        try await theirs.commit([".gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n"], "Fewer")
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        let drift = try await scene.spacesync("drift", "me/demo", in: source.url)
        // The source has no .gitattributes, so the Space's file is preserved.
        #expect(drift.out.isEmpty, "\(drift)")
        try await source.commit([".gitattributes": "*.txt text\n"], "Own")
        let refused = try await scene.push(source)
        #expect(refused.status == 9 && refused.err.contains("~ .gitattributes"), "\(refused)")
    }

    @Test func `merge preserves an image edited on the Space, and export includes it`() async throws {
        let (scene, source, theirs) = try await deployed([".gitattributes": "*.txt text\n"])
        try await theirs.commit(bytes: ["b.png": .noise(2222, 7)])
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        try await source.commit(["app.py": "print(2)\n"], "Two")
        let pushed = try await scene.push(source, "--drift", "merge")
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.lfsClone()
        #expect(try clone.bytes("b.png") == .noise(2222, 7) && clone.bytes("a.png") == .noise(3000))
        #expect(try await clone.git("status", "--short") == "")
        let out = scene.folder.path + "/out"
        let exported = try await scene.spacesync(
            "export", "me/demo", out, "--drift", "merge", in: source.url)
        #expect(exported.status == 0, "\(exported)")
        #expect(try scene.folder.read("out/b.png") == .noise(2222, 7))
        #expect(try scene.folder.read("out/a.png") == .noise(3000))
    }

    @Test func `in a source that uses LFS the patch goes through the LFS filters`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": .noise(3000)])
        try #require(try await scene.push(source).status == 0)
        let theirs = try await hubSide(scene)
        try await theirs.commit(bytes: ["model.bin": .noise(2500, 8)])
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        try await applyPatch(scene, source)
        #expect(try source.bytes("model.bin") == .noise(2500, 8))
        try await source.commit([:], "Home")
        #expect(try await source.oid(of: "model.bin") == theirs.oid(of: "model.bin"))
        #expect(
            FileManager.default.fileExists(atPath: source.object(try await source.oid(of: "model.bin")).path))
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0 && pushed.err.contains("nothing to change"), "\(pushed)")
    }

    @Test func `a pointer changed on both sides is never mistaken for its content`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": .noise(3000)])
        try #require(try await scene.push(source).status == 0)
        let theirs = try await hubSide(scene)
        try await theirs.commit(bytes: ["model.bin": .noise(700, 8)])
        try await theirs.git("push", "-q", "origin", "HEAD:main")
        try await source.commit(bytes: ["model.bin": .noise(4444, 9)])
        let refused = try await scene.push(source)
        #expect(refused.status == 9, "\(refused)")
        _ = try await scene.spacesync("drift", "me/demo", "--patch", in: source.url)
        let forced = try await scene.push(source, "--force=drift")
        #expect(forced.status == 0, "\(forced)")
        #expect(try await scene.lfsClone().bytes("model.bin") == .noise(4444, 9))
        // The cached pointer is not mistaken for the content on another Space either.
        let other = try await scene.spacesync(
            "push", "me/other", "--create", "--no-wait", in: source.url)
        #expect(other.status == 0, "\(other)")
        #expect(try await scene.lfsClone("me/other", as: "other").bytes("model.bin") == .noise(4444, 9))
    }

    @Test func `a clean working tree of LFS files has no uncommitted changes`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": .noise(3000)])
        // As after a clone: the index has no file times and sizes that show the files are unchanged.
        try await source.git("read-tree", "HEAD")
        let plan = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(!plan.err.contains("not deployed:"), "\(plan)")
        try source.write(bytes: ["model.bin": .noise(3000, 9)])
        let dirty = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(dirty.err.contains("not deployed: 1 uncommitted change in the work tree"), "\(dirty)")
    }
}

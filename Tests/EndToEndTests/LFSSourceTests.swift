import Foundation
import TestSupport
import Testing

/// Sources with LFS pointers whose objects are on the local machine.
@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct LFSSourceTests {
    private let model = Data.noise(200_000, 3)

    private func expectDeployed(_ scene: Scene, _ pushed: Finished) async throws {
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.lfsClone().bytes("model.bin") == model)
        let asked = try await scene.asked()
        #expect(asked.puts.count == 1 && asked.verifies.count == 1, "\(asked)")
        #expect(asked.linked.allSatisfy { $0.authorization == nil }, "no token goes to storage: \(asked)")
    }

    @Test func `objects in the repository of the working tree are sent`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        try await expectDeployed(scene, try await scene.push(source))
        try await scene.hub.forget()
        let again = try await scene.push(source)
        #expect(again.err.contains("nothing to change"), "\(again)")
        #expect(try await scene.asked().any.isEmpty)
    }

    @Test func `a linked working tree uses the objects of the main one`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        let linked = Repository(url: scene.folder.url.appending(path: "linked"), home: source.home)
        try await source.git("worktree", "add", "-q", "--detach", linked.url.path)
        try await expectDeployed(scene, try await scene.push(linked))
    }

    @Test(arguments: [["--shared"], ["--reference", "REFERENCE"], []])
    func `a clone finds the objects in the repository it was cloned from`(flags: [String]) async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        let clone = Repository(url: scene.folder.url.appending(path: "second"), home: source.home)
        let words = flags.map { $0 == "REFERENCE" ? source.url.path : $0 }
        try await source.git(["clone", "-q"] + words + [source.url.path, clone.url.path])
        if flags.first == "--reference" { try await clone.git("remote", "remove", "origin") }
        #expect(!FileManager.default.fileExists(atPath: clone.url.appending(path: ".git/lfs/objects").path))
        try await expectDeployed(scene, try await scene.push(clone))
    }

    @Test func `a bare repository's hook sends the objects stored in the repository`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.takePointers()
        try hook.work.write(bytes: ["model.bin": model])
        try await hook.work.commit([".gitattributes": "*.bin filter=lfs -text\n"], "Objects")
        try FileManager.default.createDirectory(
            at: hook.bare.url.appending(path: "lfs"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: hook.work.url.appending(path: ".git/lfs/objects"),
            to: hook.bare.url.appending(path: "lfs/objects"))
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
        try await expectDeployed(hook.scene, pushed)
    }

    @Test func `one object at several paths is sent once`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource([
            "model.bin": model, "copy.bin": model, "deep/copy.bin": model, "empty.bin": Data(),
        ])
        let pushed = try await scene.push(source, "--json")
        #expect(pushed.events("uploaded").count == 1, "\(pushed)")
        try await expectDeployed(scene, pushed)
        let clone = try await scene.lfsClone(as: "again")
        #expect(try clone.bytes("deep/copy.bin") == model && clone.bytes("empty.bin").isEmpty)
    }

    @Test(arguments: ["push", "plan"])
    func `a missing object is refused with every location that was searched`(command: String) async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        let source = try await scene.pointerSource(["model.bin": model, "there.bin": Data.noise(10)])
        let object = source.object(try await source.oid(of: "model.bin"))
        try FileManager.default.removeItem(at: object)
        // A second LFS server, which does not have the object either.
        let server = try await LFSOrigin.start(in: scene)
        try server.allow(in: scene)
        try await source.git("config", "lfs.url", server.lfs)
        try await scene.hub.forget()
        let refused = try await scene.spacesync(command, "me/demo", in: source.url)
        #expect(refused.status == 6, "\(refused)")
        for words in ["model.bin", "lfs/objects", server.host, "git lfs push"] {
            #expect(refused.err.contains(words), "\(words): \(refused)")
        }
        #expect(!refused.err.contains("there.bin: is"), "\(refused)")
        let asked = try await scene.asked()
        #expect(asked.writes.isEmpty && asked.batches.count == 1, "the Hub may have it: \(asked)")
        #expect(try scene.objects().isEmpty)
    }

    @Test func `a pointer with CRLF line ends is rewritten in canonical form`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        let pointer = try await source.git("cat-file", "-p", "HEAD:model.bin")
        try scene.folder.write("odd", pointer.split(separator: "\n").joined(separator: "\r\n") + "\r\n")
        let id = try await source.git("hash-object", "-w", "--no-filters", scene.folder.path + "/odd")
        try await source.git("update-index", "--add", "--cacheinfo", "100644,\(id),odd.bin")
        try await source.git("commit", "-q", "-m", "Odd")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.lfsClone()
        #expect(try clone.bytes("odd.bin") == model)
        #expect(try await clone.git("rev-parse", "HEAD:odd.bin") == clone.git("rev-parse", "HEAD:model.bin"))
        let again = try await scene.push(source)
        #expect(again.err.contains("nothing to change"), "\(again)")
    }

    @Test func `objects that are already on the Space are not needed locally`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        #expect(try await scene.push(source).status == 0)
        try FileManager.default.removeItem(at: source.url.appending(path: ".git/lfs/objects"))
        scene.dropCache()
        try await source.git("mv", "model.bin", "moved.bin")
        try await source.commit(["app.py": "print(3)\n"], "Move")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.lfsClone().bytes("moved.bin") == model)
    }

    @Test func `check warns of a missing LFS object without asking the Hub`() async throws {
        let scene = try await Scene()
        let source = try await scene.pointerSource(["model.bin": model])
        let whole = try await scene.spacesync("check", "me/demo", in: source.url)
        #expect(whole.status == 0 && !(whole.out + whole.err).contains("LFS object not found"), "\(whole)")
        try FileManager.default.removeItem(at: source.url.appending(path: ".git/lfs/objects"))
        try await scene.hub.forget()
        let checked = try await scene.spacesync("check", "me/demo", in: source.url)
        #expect((checked.out + checked.err).contains("model.bin"), "\(checked)")
        #expect((checked.out + checked.err).contains("LFS object not found"), "\(checked)")
        #expect(try await scene.hub.asked().isEmpty)
    }
}

import Foundation
import Git
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `An object store` {
    private func store(_ folder: GitFolder, joining sources: [AlternateObjects] = []) async throws
        -> ObjectStore
    {
        try await Cache(at: folder.path + "/cache").store(
            for: "https://u:hf_no@h.co/spaces/a/b", joining: sources)
    }

    @Test func `written objects have the same ids as in git`() async throws {
        let folder = try await GitFolder.repository(["a.txt": "a\n", "a/b": "b\n", "ab": "c\n", "run": "x\n"])
        try await folder.git("update-index", "--chmod=+x", "run")
        try await folder.git("commit", "-q", "-m", "mode\n\nbody\n")
        let source = try await LocalSource.open(at: folder.path)
        let commit = try await source.snapshot(of: nil).commit
        let store = try await store(folder, joining: [source.objects])
        let entries = try await store.entries(of: commit.tree)
        #expect(entries.map(\.name) == ["a.txt", "a", "ab", "run"])
        #expect(entries.last?.kind == .executable)
        #expect(try await store.write(tree: entries.reversed()) == commit.tree)
        let draft = CommitDraft(
            tree: commit.tree, parents: commit.parents, author: commit.author, committer: commit.author,
            message: commit.message)
        #expect(try await store.write(commit: draft) == commit.id)
        #expect(try await store.write(blob: Array("a\n".utf8)) == entries[0].id)
    }

    @Test func `a tree with missing blobs can be written and is kept in memory only`() async throws {
        let folder = try GitFolder()
        let store = try await store(folder)
        let absent = try #require(ObjectID(String(repeating: "ab", count: 20)))
        let entry = TreeEntry(name: "big.bin", kind: .file, id: absent)
        let tree = try await store.write(tree: [entry])
        #expect(try await store.entries(of: tree) == [entry])
        #expect(await store.contains(tree))
        #expect(await !store.contains(absent))
        let files = FileManager.default.enumerator(atPath: folder.path + "/cache")?.compactMap {
            $0 as? String
        }
        #expect(files?.contains { $0.contains(tree.description.dropFirst(2)) } == false)
        #expect(files?.contains { $0.contains("hf_no") } == false)
    }

    @Test(arguments: [
        "", ".", "..", "a/b", ".git", ".GIT", ".gIt", "git~1", "GIT~1", ".git.", ".git ", ".git. .",
        ".git::$DATA",
        ".git:x", "git~1:x", ".g\u{200C}it", "\u{FEFF}.GiT", "x\\.git", "a\0b",
    ])
    func `a name that is invalid or equivalent to .git is refused`(_ name: String) async throws {
        let store = try await store(try GitFolder())
        let blob = try await store.write(blob: [])
        let entry = TreeEntry(name: Path(name), kind: .file, id: blob)
        let failure = await #expect(throws: DeployError.self) { try await store.write(tree: [entry]) }
        #expect(failure?.kind == .refused)
    }

    @Test(arguments: [
        ".gitignore", ".gitattributes", ".github", "git~2", "git", "..a", "a..", ".gi", "é", "x.git",
    ])
    func `a name that only resembles a forbidden name is accepted`(_ name: String) async throws {
        let store = try await store(try GitFolder())
        let blob = try await store.write(blob: [])
        let tree = try await store.write(tree: [TreeEntry(name: Path(name), kind: .file, id: blob)])
        #expect(try await store.entries(of: tree).first?.name == Path(name))
    }

    @Test func `a tree with duplicate names is refused`() async throws {
        let store = try await store(try GitFolder())
        let blob = try await store.write(blob: [])
        let file = TreeEntry(name: "a", kind: .file, id: blob)
        let folder = TreeEntry(name: "a", kind: .tree, id: try await store.write(tree: [file]))
        await #expect(throws: DeployError.self) { try await store.write(tree: [file, folder]) }
    }

    @Test func `line breaks in a signature cannot add commit header lines`() async throws {
        let store = try await store(try GitFolder())
        let tree = try await store.write(tree: [])
        let odd = Signature(name: "A <b>\nparent x", email: "a\n@b>", time: 5, offset: -90)
        let draft = CommitDraft(tree: tree, parents: [], author: odd, committer: odd, message: "m\n")
        let commit = try await store.commit(try await store.write(commit: draft))
        #expect(commit.author == Signature(name: "A bparent x", email: "a@b", time: 5, offset: -90))
        #expect(commit.parents.isEmpty)
    }

    @Test func `objects are read through the alternates of the source`() async throws {
        let origin = try await GitFolder.repository(["file": "lent\n"])
        let folder = try GitFolder()
        try await folder.git("clone", "-q", "--shared", origin.path, "copy")
        let source = try await LocalSource.open(at: folder.path + "/copy")
        let store = try await store(folder, joining: [source.objects])
        let commit = try await source.snapshot(of: nil).commit
        let entry = try #require(try await store.entries(of: commit.tree).first)
        #expect(try await store.content(of: entry.id) == Array("lent\n".utf8))
        #expect(try await store.size(of: entry.id) == 5)
    }

    @Test func `the cache is accessible to its owner only, and a corrupt store is recreated`() async throws {
        let folder = try GitFolder()
        _ = try await store(folder)
        let cache = folder.path + "/cache"
        let mode = try FileManager.default.attributesOfItem(atPath: cache)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: cache)
        let name = try #require(names.first { !$0.hasSuffix(".lock") })
        try folder.write("garbage", to: "cache/\(name)/config")
        try FileManager.default.removeItem(atPath: cache + "/\(name)/HEAD")
        let again = try await store(folder)
        #expect(try await again.write(blob: [1]).description.count == 40)
        #expect(folder.holds("cache/\(name)/HEAD"))
    }

    @Test func `the store works if the cache directory is not writable`() async throws {
        let store = try await Cache(at: "/proc/nowhere/cache").store(for: "https://example.org/x")
        #expect(await store.contains(try await store.write(blob: [1])))
    }
}

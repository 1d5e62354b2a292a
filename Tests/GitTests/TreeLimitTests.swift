import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Tests for limits of expanded trees, and for entry modes written by old tools.
@Suite struct `Trees within limits` {
    private func store(_ folder: GitFolder) async throws -> ObjectStore {
        let objects = AlternateObjects(directories: [folder.path + "/.git/objects"], path: folder.path)
        return try await Cache(at: folder.path + "/cache").store(for: "https://h.co/a", joining: [objects])
    }

    /// Returns the root of nested trees, each of which contains the next one under all `names`.
    private func nested(_ names: [String], levels: Int, _ folder: GitFolder) async throws -> String {
        let blob = try await folder.git("hash-object", "-w", "--stdin", input: "x\n")
        var tree = try await folder.git("mktree", input: "100644 blob \(blob)\tf\n")
        for _ in 0..<levels {
            tree = try await folder.git(
                "mktree", input: names.map { "040000 tree \(tree)\t\($0)\n" }.joined())
        }
        return tree
    }

    private func excess(_ tree: String, _ folder: GitFolder) async throws -> TreeLimitError? {
        try await store(folder).exceededLimit(of: try #require(ObjectID(tree)))
    }

    @Test func `a few trees that expand to billions of entries are counted, not expanded`() async throws {
        let folder = try await GitFolder.repository()
        let names = (0..<10).map { "d\($0)" }
        let tree = try await nested(names, levels: 10, folder)
        let found = try #require(try await excess(tree, folder))
        #expect(found.reason == "expands to more than 300000 files and directories")
        let fine = try await nested(names, levels: 4, folder)
        #expect(try await excess(fine, folder) == nil)
    }

    @Test func `the depth of nested directories is limited`() async throws {
        let folder = try await GitFolder.repository()
        let store = try await store(folder)
        func deep(_ levels: Int) async throws -> TreeLimitError? {
            let blob = try await store.write(blob: [])
            var tree = try await store.write(tree: [TreeEntry(name: "f", kind: .file, id: blob)])
            for _ in 0..<levels {
                tree = try await store.write(tree: [TreeEntry(name: "d", kind: .tree, id: tree)])
            }
            return try await store.exceededLimit(of: tree)
        }
        #expect(try await deep(200) == nil)
        let found = try #require(try await deep(4_000))
        #expect(found.reason == "is part of a tree with more than 200 nested directories")
        #expect(found.path.names.count == 201)
    }

    @Test func `the total length of all paths is limited`() async throws {
        let store = try await store(try await GitFolder.repository())
        let blob = try await store.write(blob: [])
        let files = (0..<9_000).map { TreeEntry(name: Path("f\($0)"), kind: .file, id: blob) }
        let many = try await store.write(tree: files)
        var tree = try await store.write(
            tree: (0..<10).map { TreeEntry(name: Path("d\($0)"), kind: .tree, id: many) })
        #expect(try await store.exceededLimit(of: tree) == nil)
        for _ in 0..<15 {
            let name = Path(String(repeating: "n", count: 250))
            tree = try await store.write(tree: [TreeEntry(name: name, kind: .tree, id: tree)])
        }
        #expect(try await store.exceededLimit(of: tree)?.reason == "expands to more than 64 MiB of paths")
    }

    @Test func `the length of names and paths in bytes is limited`() async throws {
        let store = try await store(try await GitFolder.repository())
        let blob = try await store.write(blob: [])
        func tree(_ name: String, _ levels: Int = 0) async throws -> TreeLimitError? {
            var tree = try await store.write(tree: [TreeEntry(name: Path(name), kind: .file, id: blob)])
            for _ in 0..<levels {
                tree = try await store.write(tree: [TreeEntry(name: Path(name), kind: .tree, id: tree)])
            }
            return try await store.exceededLimit(of: tree)
        }
        #expect(try await tree(String(repeating: "n", count: 255)) == nil)
        let long = try #require(try await tree(String(repeating: "n", count: 256)))
        #expect(long.reason == "has a name of 256 bytes; file systems allow 255")
        #expect(try await tree(String(repeating: "n", count: 250), 15) == nil)
        let path = try #require(try await tree(String(repeating: "n", count: 250), 16))
        #expect(path.reason == "is part of a path with more than 4096 bytes")
    }

    private func tree(_ entries: [(mode: String, name: String)], _ folder: GitFolder) async throws -> String {
        let blob = try await folder.git("hash-object", "-w", "--stdin", input: "x\n")
        let id = try #require(ObjectID(blob))
        let bytes = entries.flatMap { Array("\($0.mode) \($0.name)\0".utf8) + id.bytes }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/tree"))
        return try await folder.git("hash-object", "-w", "-t", "tree", "--literally", "tree")
    }

    @Test func `file modes written by old tools are accepted`() async throws {
        let folder = try await GitFolder.repository()
        let odd = try await tree([("0100644", "a"), ("100664", "b"), ("0000100755", "c")], folder)
        let entries = try await store(folder).entries(of: try #require(ObjectID(odd)))
        #expect(entries.map(\.kind) == [.file, .file, .executable])
    }

    @Test(arguments: ["140000", "060000", "0", "777777777777", "10064x"])
    func `an invalid file mode is an error with its path`(mode: String) async throws {
        let folder = try await GitFolder.repository()
        let odd = try await tree([(mode, "socket")], folder)
        let top = try await folder.git("mktree", input: "040000 tree \(odd)\tsub\n")
        let failure = await #expect(throws: DeployError.self) { try await excess(top, folder) }
        #expect(failure?.kind == .source)
        #expect(failure?.details.first == "at sub")
    }
}

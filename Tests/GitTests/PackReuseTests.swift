import Foundation
import HTTP
import TestSupport
import Testing

@testable import Deploy
@testable import Git
@testable import SpacesModel

/// Tests for copying already packed objects into a new pack.
@Suite struct `Objects that lie packed` {
    /// Returns a repository with 300 similar text files in one pack, and an empty repository as the Space.
    private func repository() async throws -> GitFolder {
        let folder = try await GitFolder.repository()
        let shared = (0..<60).map { "line \($0 &* 7919)\n" }.joined()
        let files = (0..<300).map { number in
            let text = shared + "text \(number)\n"
            return "M 100644 inline d\(number % 7)/f\(number).txt\ndata \(text.utf8.count)\n\(text)\n"
        }
        try await folder.git(
            "fast-import", "--quiet",
            input: "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nc\n"
                + "from refs/heads/main^0\n" + files.joined() + "\n")
        try await folder.git("gc", "-q", "--prune=now")
        try await folder.git("init", "-q", "--bare", "space")
        return folder
    }

    /// Packs all objects and indexes the pack in the Space's repository; returns the size of the pack in
    /// bytes and the list of the Space's objects.
    private func push(_ folder: GitFolder) async throws -> (size: Int, fsck: String) {
        let source = try await LocalSource.open(at: folder.path)
        let store = try await Cache(at: folder.path + "/cache").store(
            for: "https://h.co/spaces/a/b", joining: [source.objects])
        let tip = try await source.snapshot(of: "main").commit
        let changes = try await TreeDiff(from: nil, to: tip.tree, in: store)
        let sent = try await store.pack(of: [PackObject(tip.id)] + changes.objects, after: Data())
        #expect(sent.trees.count == 8)
        guard case .bytes(let pack) = sent.body else { return (0, "") }
        try pack.write(to: URL(fileURLWithPath: folder.path + "/space/sent.pack"))
        try await folder.git(
            "-C", "space", "-c", "alias.take=!git index-pack --stdin < sent.pack", "take")
        // The parent commit is not sent, because commits on the Space have other parents.
        let fsck = try await folder.git("-C", "space", "cat-file", "--batch-check", "--batch-all-objects")
        return (pack.count, fsck)
    }

    @Test func `packed objects are copied with their deltas, and all of them arrive`() async throws {
        let folder = try await repository()
        let (size, objects) = try await push(folder)
        #expect(objects.split(separator: "\n").count { $0.contains(" blob ") } == 301)
        #expect(size < 40_000, "\(size): whole, they would be 100 KB")
    }

    @Test func `objects that do not match their index checksum are packed again`() async throws {
        let folder = try await repository()
        let packs = URL(fileURLWithPath: folder.path + "/.git/objects/pack")
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: packs.path).first { $0.hasSuffix(".idx") })
        // Corrupts the checksums in the index, not the objects: objects that do not match are not copied.
        let file = packs.appending(path: name)
        var index = try Data(contentsOf: file)
        let count = index[1028..<1032].reduce(0) { $0 << 8 | Int($1) }
        for offset in (1032 + count * 20)..<(1032 + count * 24) { index[offset] ^= 0xFF }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        try index.write(to: file)
        let (size, objects) = try await push(folder)
        #expect(objects.split(separator: "\n").count { $0.contains(" blob ") } == 301)
        #expect(size > 50_000, "\(size)")
    }

    @Test func `packs are not searched if few objects are sent`() async throws {
        let folder = try await repository()
        let ids = [try #require(ObjectID(try await folder.git("rev-parse", "main:d1/f1.txt")))]
        #expect(PackReuse(from: [folder.path + "/.git/objects"], sending: ids).entry(ids[0]) == nil)
    }

    @Test func `a delta is reused only if its base is sent`() async throws {
        let folder = try await repository()
        let listed = try await folder.git("ls-tree", "-r", "main:d1", "--format=%(objectname)")
        let ids = listed.split(separator: "\n").compactMap { ObjectID($0) }
        let all = try await folder.git("rev-list", "--objects", "--no-object-names", "main")
            .split(separator: "\n").compactMap { ObjectID($0) }
        let reuse = PackReuse(
            from: [folder.path + "/.git/objects"], sending: all.filter { !ids.dropFirst().contains($0) })
        for id in all { #expect(reuse.entry(id)?.base.map { !ids.dropFirst().contains($0) } ?? true) }
        #expect(all.contains { reuse.entry($0)?.base != nil })
    }
}

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Deploy
@testable import DeploySettings
@testable import Git
@testable import SpacesModel

/// Tests for the number of objects that the preflight checks of a deploy read.
@Suite struct PreflightCostTests {
    /// Returns a repository with 10,000 files in 100 directories; its last commit changes one file.
    private func repository() async throws -> GitFolder {
        let folder = try await GitFolder.repository([
            "README.md": "---\ntitle: Demo\nsdk: docker\n---\n", "Dockerfile": "FROM python:3\nCOPY d1 /d1\n",
            ".gitattributes": "*.bin filter=lfs\n",
        ])
        let files = (0..<10_000).map {
            "M 100644 inline d\($0 % 100)/f\($0).txt\ndata \("\($0)".utf8.count)\n\($0)\n"
        }
        let stream = [("many", files), ("one", ["M 100644 inline d7/f7.txt\ndata 3\nnew\n"])].map {
            "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata \($0.0.utf8.count)\n\($0.0)\n"
                + ($0.0 == "many" ? "from refs/heads/main^0\n" : "") + $0.1.joined() + "\n"
        }
        try await folder.git("fast-import", "--quiet", input: stream.joined())
        return folder
    }

    private func snapshots(_ folder: GitFolder) async throws -> (
        old: SourceSnapshot, new: SourceSnapshot, store: CountingStore
    ) {
        let source = try await LocalSource.open(at: folder.path)
        let store = try await Cache(at: folder.path + "/cache").store(
            for: "https://h.co/spaces/a/b", joining: [source.objects])
        return (
            try await source.snapshot(of: folder.git("rev-parse", "main~1")),
            try await source.snapshot(of: "main"),
            CountingStore(store)
        )
    }

    @Test func `a deploy of one changed file does not read the other 10,000`() async throws {
        let folder = try await repository()
        let (old, new, store) = try await snapshots(folder)
        let target = Target(space: try #require(SpaceID("me/demo")))
        var composer = TreeComposer(target, new, store: store, space: old.commit.tree) {
            (_) async throws(DeployError) in
        }
        var reconciler: DriftReconciler?
        let composition = try await composer.compose(&reconciler)
        #expect(composition.findings == [])
        #expect(composition.plan.changes.map(\.path) == ["d7/f7.txt"])
        // README, Dockerfile and .gitattributes, read by composition and checks, and the changed file.
        #expect(store.counts.blobs.count == 4, "\(store.counts.blobs.count)")
        #expect(store.counts.sizes.count == 4)
        // Two roots, d7 twice and the other 99 directories, each read once; the root is written.
        #expect(await store.treeReads == 103)
        #expect(store.counts.written == 1)
    }

    @Test func `a tree that occurs in both commits is read once`() async throws {
        let folder = try await repository()
        let (old, new, store) = try await snapshots(folder)
        let known = try await ReachableObjects(of: old.commit.tree, in: store)
        _ = try await TreeScanner(of: new.commit.tree, over: known, allowing: [], in: store)
        #expect(store.counts.trees.count == 103)
        #expect(await store.treeReads == 103)
    }

    @Test func `an unchanged tree is not scanned, and a large file is not read`() async throws {
        let folder = try await GitFolder.repository([
            "README.md": "---\nsdk: static\n---\n", "index.html": "",
        ])
        try await folder.commit(["big.txt": String(repeating: "words\n", count: 2 << 20)], "big")
        let (old, new, store) = try await snapshots(folder)
        let known = try await ReachableObjects(of: old.commit.tree, in: store)
        let survey = try await TreeScanner(
            of: new.commit.tree, over: known, allowing: [], in: store)
        #expect(survey.findings.map(\.rule) == [.largeFile])
        #expect(store.counts.blobs.count == 1, "the README")
        let target = Target(space: try #require(SpaceID("me/demo")))
        var composer = TreeComposer(target, new, store: store, space: new.commit.tree) {
            (_) async throws(DeployError) in
        }
        var reconciler: DriftReconciler?
        #expect(try await composer.compose(&reconciler).findings == [])
    }
}

/// An object database that counts the reads and writes of the real store.
private final class CountingStore: ObjectDatabase {
    struct Counts {
        var trees: [ObjectID: Int] = [:]
        var blobs: [ObjectID: Int] = [:]
        var sizes: [ObjectID: Int] = [:]
        /// Number of trees written.
        var written = 0
    }

    private let store: ObjectStore
    private let counted = Mutex(Counts())
    var counts: Counts { counted.withLock { $0 } }
    /// Number of trees read from the object database.
    var treeReads: Int { get async { await store.treeCache.reads } }

    init(_ store: ObjectStore) { self.store = store }

    func entries(of tree: ObjectID) async throws(DeployError) -> [TreeEntry] {
        counted.withLock { $0.trees[tree, default: 0] += 1 }
        return try await store.entries(of: tree)
    }

    func content(of blob: ObjectID) async throws(DeployError) -> [UInt8] {
        counted.withLock { $0.blobs[blob, default: 0] += 1 }
        return try await store.content(of: blob)
    }

    func readBlobs(of blobs: ArraySlice<ObjectID>, maxSize: Int, budget: Int) async throws(DeployError)
        -> [BlobContent]
    {
        let read = try await store.readBlobs(of: blobs, maxSize: maxSize, budget: budget)
        for (id, blob) in zip(blobs, read) {
            counted.withLock { $0.sizes[id, default: 0] += 1 }
            if blob.bytes != nil { counted.withLock { $0.blobs[id, default: 0] += 1 } }
        }
        return read
    }

    func cachedPointers(of blobs: [ObjectID]) async -> [ObjectID: CachedLFSPointer] {
        await store.cachedPointers(of: blobs)
    }

    func pointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool) async throws(DeployError) -> LFSPointer
    {
        try await store.pointer(to: blob, bytes, isBinary: isBinary)
    }

    func size(of blob: ObjectID) async throws(DeployError) -> Int {
        counted.withLock { $0.sizes[blob, default: 0] += 1 }
        return try await store.size(of: blob)
    }

    func contains(_ id: ObjectID) async -> Bool { await store.contains(id) }
    func write(blob: [UInt8]) async throws(DeployError) -> ObjectID { try await store.write(blob: blob) }
    func write(tree: [TreeEntry]) async throws(DeployError) -> ObjectID {
        counted.withLock { $0.written += 1 }
        return try await store.write(tree: tree)
    }
    func write(commit: CommitDraft) async throws(DeployError) -> ObjectID {
        try await store.write(commit: commit)
    }

    func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) async throws(DeployError) -> ObjectID? {
        try await store.ancestor(of: tip, among: candidates)
    }
    func commits(from tip: ObjectID, beyond bases: [ObjectID]) async throws(DeployError) -> [Commit] {
        try await store.commits(from: tip, beyond: bases)
    }
    func newestCommits(from tip: ObjectID, limit: Int) async -> [Commit] {
        await store.newestCommits(from: tip, limit: limit)
    }
    func commit(_ id: ObjectID) async throws(DeployError) -> Commit { try await store.commit(id) }
    func merged(_ ours: [UInt8], _ theirs: [UInt8], from base: [UInt8]) async throws(DeployError) -> [UInt8]?
    {
        try await store.merged(ours, theirs, from: base)
    }
    func binaryPatch(from old: [UInt8], to new: [UInt8]) async throws(DeployError) -> [UInt8] {
        try await store.binaryPatch(from: old, to: new)
    }
}

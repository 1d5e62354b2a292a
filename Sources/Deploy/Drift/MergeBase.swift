import GitPatterns
import SpacesModel

/// What the Space and the source last had in common, path by path: the tree of the last deploy, and the source's own
/// version of what that kept of the Space's.
struct MergeBase<Store: ObjectDatabase>: Sendable {
    /// nil: no deploy was here before.
    let tree: ObjectID?
    /// What deploys kept of the Space's so far.
    private(set) var records: [Path: MergedEdits.Record] = [:]
    /// The parts of the README among it, each with the fingerprint of what the deploy would have sent.
    private(set) var preservedReadmeParts: [ReadmePart: String] = [:]
    /// What the last deploy left to the Space (`keep`, its `Keep` trailers): no deploy put that there.
    private var preservedPatterns: PatternList?
    private let draft: TreeBuilder
    private let reader: TreeReader<Store>?
    private let store: Store

    init(tree: ObjectID?, in store: Store) async throws(DeployError) {
        (self.tree, self.store) = (tree, store)
        reader = tree.map { TreeReader($0, in: store) }
        draft = if let tree { try await TreeBuilder(opening: tree, in: store) } else { TreeBuilder() }
    }

    init(_ lastDeploy: Commit?, in store: Store) async throws(DeployError) {
        try await self.init(tree: lastDeploy?.tree, in: store)
        let kept = lastDeploy.map { MergedEdits(of: $0) } ?? MergedEdits()
        records = Dictionary(kept.records.map { ($0.path, $0) }) { first, _ in first }
        preservedReadmeParts = records["README.md"] == nil ? [:] : kept.readme
        let trailers = lastDeploy.map { Trailers(of: $0.message).fields } ?? []
        let patterns = trailers.filter { $0.key == "Keep" }.map(\.value)
        // An empty list would mean everything.
        preservedPatterns = patterns.isEmpty ? nil : PatternList(patterns)
    }

    func file(at path: Path) async throws(DeployError) -> BlobVersion? {
        if let record = records[path] { return record.source }
        if preservedPatterns?.includes(path, isDirectory: false) == true { return nil }
        return try await reader?.node(at: path)?.file
    }

    /// The files at several paths, in one walk.
    func files(at paths: [Path]) async throws(DeployError) -> [Path: BlobVersion] {
        var files = try await draft.files(at: paths, in: store)
        for path in paths {
            if let record = records[path] {
                files[path] = record.source
            } else if preservedPatterns?.includes(path, isDirectory: false) == true {
                files[path] = nil
            }
        }
        return files
    }

    /// A file as the last deploy sent it, with what that kept of the Space's.
    func deployed(at path: Path) async throws(DeployError) -> BlobVersion? {
        try await draft.node(at: path, in: store)?.file
    }

    /// Where the Space may differ, what it has no more first: that makes room for the rest.
    func candidatePaths(under spaceTree: TreeBuilder, _ head: ObjectID) async throws(DeployError) -> [Path] {
        let changes = try await TreeDiff(from: tree, to: head, in: store)
        let own = try await preservedFiles(in: spaceTree)
        let paths = Set(changes.files.map(\.path)).union(records.keys).union(own).sorted()
        let there = try await spaceTree.files(at: paths, in: store)
        return paths.filter { there[$0] == nil } + paths.filter { there[$0] != nil }
    }

    private func preservedFiles(in spaceTree: TreeBuilder) async throws(DeployError) -> [Path] {
        guard let preservedPatterns else { return [] }
        var (kept, files) = (PreservedPaths(preservedPatterns), [Path]())
        try await kept.collect(spaceTree, at: .root, in: store)
        for (path, node) in kept.nodes {
            guard let directory = try await node.openDirectory(in: store) else {
                files.append(path)
                continue
            }
            for inner in try await directory.paths(in: store) { files.append(path.appending(inside: inner)) }
        }
        return files
    }
}

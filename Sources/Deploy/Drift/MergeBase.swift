import GitPatterns
import SpacesModel

/// The merge base of source and Space: the tree of the last deploy, with the source's version of each
/// file for which the Space's version was preserved.
struct MergeBase: Sendable {
    /// The tree of the last deploy; `nil` if there is none.
    let tree: ObjectID?
    /// The edits made on the Space that deploys have preserved so far, by path.
    private(set) var records: [Path: MergedEdits.Record] = [:]
    /// The preserved parts of the README, each with the fingerprint of what the deploy would have sent.
    private(set) var preservedReadmeParts: [ReadmePart: String] = [:]
    /// The paths that the last deploy left to the Space (`keep`, recorded in its `Keep` trailers).
    private var preservedPatterns = PatternList([])
    private let draft: TreeBuilder
    private let reader: TreeReader?
    private let store: any ObjectDatabase

    init(tree: ObjectID?, in store: any ObjectDatabase) async throws(DeployError) {
        (self.tree, self.store) = (tree, store)
        reader = tree.map { TreeReader($0, in: store) }
        draft = if let tree { try await TreeBuilder(opening: tree, in: store) } else { TreeBuilder() }
    }

    init(_ lastDeploy: Commit?, in store: any ObjectDatabase) async throws(DeployError) {
        try await self.init(tree: lastDeploy?.tree, in: store)
        let mergedEdits = lastDeploy.map { MergedEdits(of: $0) } ?? MergedEdits()
        records = Dictionary(mergedEdits.records.map { ($0.path, $0) }) { first, _ in first }
        preservedReadmeParts = records["README.md"] == nil ? [:] : mergedEdits.readme
        let trailers = lastDeploy.map { Trailers(of: $0.message).fields } ?? []
        let patterns = trailers.filter { $0.key == "Keep" }.map(\.value)
        preservedPatterns = PatternList(patterns)
    }

    func file(at path: Path) async throws(DeployError) -> BlobVersion? {
        if let record = records[path] { return record.source }
        if preservedPatterns.includes(path, isDirectory: false) { return nil }
        return try await reader?.node(at: path)?.file
    }

    /// Returns the files at several paths in one tree walk.
    func files(at paths: [Path]) async throws(DeployError) -> [Path: BlobVersion] {
        var files = try await draft.files(at: paths, in: store)
        for path in paths {
            if let record = records[path] {
                files[path] = record.source
            } else if preservedPatterns.includes(path, isDirectory: false) {
                files[path] = nil
            }
        }
        return files
    }

    /// Returns a file as the last deploy pushed it, including the Space's edits that it preserved.
    func deployed(at path: Path) async throws(DeployError) -> BlobVersion? {
        try await draft.node(at: path, in: store)?.file
    }

    /// Returns the paths at which the Space may differ. Paths that the Space no longer has come first,
    /// because their removal makes room for the other files.
    func candidatePaths(under spaceTree: TreeBuilder, _ head: ObjectID) async throws(DeployError) -> [Path] {
        let changes = try await TreeDiff(from: tree, to: head, in: store)
        let preserved = try await preservedFiles(in: spaceTree)
        let paths = Set(changes.files.map(\.path)).union(records.keys).union(preserved).sorted()
        let spaceFiles = try await spaceTree.files(at: paths, in: store)
        return paths.filter { spaceFiles[$0] == nil } + paths.filter { spaceFiles[$0] != nil }
    }

    private func preservedFiles(in spaceTree: TreeBuilder) async throws(DeployError) -> [Path] {
        guard !preservedPatterns.isEmpty else { return [] }
        var (preservedPaths, files) = (PreservedPaths(preservedPatterns), [Path]())
        try await preservedPaths.collect(spaceTree, at: .root, in: store)
        for (path, node) in preservedPaths.nodes {
            guard let directory = try await node.openDirectory(in: store) else {
                files.append(path)
                continue
            }
            for innerPath in try await directory.paths(in: store) {
                files.append(path.appending(inside: innerPath))
            }
        }
        return files
    }
}

import GitPatterns
import SpacesModel

/// What the Space and the source last had in common, path by path: the tree of the last deploy, and the source's own
/// version of what that kept of the Space's.
struct CommonGround<Store: ObjectStoring>: Sendable {
    /// nil: no deploy was here before.
    let tree: ObjectID?
    /// What deploys kept of the Space's so far.
    private(set) var records: [Path: MergedPaths.Record] = [:]
    /// The parts of the README among it, each with the fingerprint of what the deploy would have sent.
    private(set) var keptReadme: [ReadmePart: String] = [:]
    /// What the last deploy left to the Space (`keep`, its `Keep` trailers): no deploy put that there.
    private var left: PatternList?
    private let draft: TreeDraft
    private let reader: TreeReader<Store>?
    private let store: Store

    init(tree: ObjectID?, in store: Store) async throws(Failure) {
        (self.tree, self.store) = (tree, store)
        reader = tree.map { TreeReader($0, in: store) }
        draft = if let tree { try await TreeDraft(opening: tree, in: store) } else { TreeDraft() }
    }

    init(_ lastDeploy: Commit?, in store: Store) async throws(Failure) {
        try await self.init(tree: lastDeploy?.tree, in: store)
        let kept = lastDeploy.map { MergedPaths(of: $0) } ?? MergedPaths()
        records = Dictionary(kept.records.map { ($0.path, $0) }) { first, _ in first }
        keptReadme = records["README.md"] == nil ? [:] : kept.readme
        let trailers = lastDeploy.map { Trailers(of: $0.message).fields } ?? []
        let patterns = trailers.filter { $0.key == "Keep" }.map(\.value)
        // An empty list would mean everything.
        left = patterns.isEmpty ? nil : PatternList(patterns)
    }

    func file(at path: Path) async throws(Failure) -> FileMark? {
        if let record = records[path] { return record.source }
        if left?.includes(path, isDirectory: false) == true { return nil }
        return try await reader?.node(at: path)?.file
    }

    /// The files at several paths, in one walk.
    func files(at paths: [Path]) async throws(Failure) -> [Path: FileMark] {
        var files = try await draft.files(at: paths, in: store)
        for path in paths {
            if let record = records[path] {
                files[path] = record.source
            } else if left?.includes(path, isDirectory: false) == true {
                files[path] = nil
            }
        }
        return files
    }

    /// A file as the last deploy sent it, with what that kept of the Space's.
    func deployed(at path: Path) async throws(Failure) -> FileMark? {
        try await draft.node(at: path, in: store)?.file
    }

    /// Where the Space may differ, what it has no more first: that makes room for the rest.
    func places(under theirs: TreeDraft, _ head: ObjectID) async throws(Failure) -> [Path] {
        let changes = try await TreeChanges(from: tree, to: head, in: store)
        let own = try await leftFiles(in: theirs)
        let paths = Set(changes.files.map(\.path)).union(records.keys).union(own).sorted()
        let there = try await theirs.files(at: paths, in: store)
        return paths.filter { there[$0] == nil } + paths.filter { there[$0] != nil }
    }

    private func leftFiles(in theirs: TreeDraft) async throws(Failure) -> [Path] {
        guard let left else { return [] }
        var (kept, files) = (KeptPaths(left), [Path]())
        try await kept.collect(theirs, at: .root, in: store)
        for (path, node) in kept.nodes {
            guard let directory = try await node.opened(in: store) else {
                files.append(path)
                continue
            }
            for inner in try await directory.paths(in: store) { files.append(path.appending(inside: inner)) }
        }
        return files
    }
}

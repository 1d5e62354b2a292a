/// What the Space and the source last had in common, path by path: the tree of the last deploy, and the source's own
/// version of what that kept of the Space's.
struct CommonGround<Store: ObjectStoring>: Sendable {
    /// nil: no deploy was here before.
    let tree: ObjectID?
    /// What deploys kept of the Space's so far.
    private(set) var records: [Path: MergedPaths.Record] = [:]
    private let draft: TreeDraft
    private let store: Store

    init(tree: ObjectID?, in store: Store) async throws(Failure) {
        (self.tree, self.store) = (tree, store)
        draft = if let tree { try await TreeDraft(opening: tree, in: store) } else { TreeDraft() }
    }

    init(_ lastDeploy: Commit?, in store: Store) async throws(Failure) {
        try await self.init(tree: lastDeploy?.tree, in: store)
        let kept = lastDeploy.map { MergedPaths(of: $0).records } ?? []
        records = Dictionary(kept.map { ($0.path, $0) }) { first, _ in first }
    }

    func file(at path: Path) async throws(Failure) -> FileMark? {
        if let record = records[path] { return record.source }
        return try await draft.node(at: path, in: store)?.file
    }

    /// Where the Space may differ, what it has no more first: that makes room for the rest.
    func places(under theirs: TreeDraft, _ head: ObjectID) async throws(Failure) -> [Path] {
        let changes = try await TreeChanges(from: tree, to: head, in: store)
        let paths = Set(changes.files.map(\.path)).union(records.keys).sorted()
        var (gone, rest): ([Path], [Path]) = ([], [])
        for path in paths {
            let isThere = try await theirs.node(at: path, in: store)?.file != nil
            if isThere { rest.append(path) } else { gone.append(path) }
        }
        return gone + rest
    }
}

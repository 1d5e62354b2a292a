import SpacesModel

/// Reads files of a stored tree one by one, and keeps the directories that it opened.
actor TreeReader<Store: ObjectStoring> {
    private let tree: ObjectID
    private let store: Store
    private var opened: [ObjectID: TreeDraft] = [:]

    init(_ tree: ObjectID, in store: Store) { (self.tree, self.store) = (tree, store) }

    /// What stands at a path; nil when nothing does.
    func node(at path: Path) async throws(Failure) -> TreeDraft.Node? {
        var node = TreeDraft.Node.entry(.tree, tree)
        for name in path.names {
            guard case .entry(.tree, let id) = node, let next = try await directory(id)[name] else {
                return nil
            }
            node = next
        }
        return node
    }

    private func directory(_ id: ObjectID) async throws(Failure) -> TreeDraft {
        if let known = opened[id] { return known }
        let directory = try await TreeDraft(opening: id, in: store)
        opened[id] = directory
        return directory
    }
}

import SpacesModel

/// A reader of single paths in a stored tree, with a cache of the directories it opened.
actor TreeReader<Store: ObjectDatabase> {
    private let tree: ObjectID
    private let store: Store
    private var directoryCache: [ObjectID: TreeBuilder] = [:]

    init(_ tree: ObjectID, in store: Store) { (self.tree, self.store) = (tree, store) }

    /// Returns the node at a path; `nil` if there is none.
    func node(at path: Path) async throws(DeployError) -> TreeBuilder.Node? {
        var node = TreeBuilder.Node.entry(.tree, tree)
        for name in path.names {
            guard case .entry(.tree, let id) = node, let next = try await directory(id)[name] else {
                return nil
            }
            node = next
        }
        return node
    }

    private func directory(_ id: ObjectID) async throws(DeployError) -> TreeBuilder {
        if let cached = directoryCache[id] { return cached }
        let directory = try await TreeBuilder(opening: id, in: store)
        directoryCache[id] = directory
        return directory
    }
}

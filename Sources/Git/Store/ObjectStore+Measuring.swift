import SpacesModel

// `async` without `await`: a call from an async context would otherwise choose the protocol's
// default implementation.
extension ObjectStore {
    package func exceededLimit(of tree: ObjectID) async throws(DeployError) -> TreeLimitError? {
        do throws(GitError) {
            return try measure.exceededLimit(of: tree) { (id) throws(GitError) in
                guard treeCache.contains(id) || store.database.contains(id) else { return nil }
                return try treeCache.entries(of: id, in: store.database)
            }
        } catch {
            let path = measure.path
            var failure = unreadable(tree, error)
            if !path.isRoot { failure.details.insert("at \(path.shown)", at: 0) }
            throw failure
        }
    }
}

extension ObjectStore {
    package func isNonCanonical(_ tree: ObjectID) async throws(DeployError) -> Bool {
        _ = try entries(of: tree)
        return treeCache.nonCanonical.contains(tree)
    }

    package var hasNonCanonicalTrees: Bool { get async { !treeCache.nonCanonical.isEmpty } }
    package var hasSubmodules: Bool { get async { !treeCache.withSubmodules.isEmpty } }
}

import SpacesModel

// `async`, though nothing is awaited: a call from an async context would choose the protocol's default otherwise.
extension ObjectStore {
    package func excess(of tree: ObjectID) async throws(Failure) -> TreeExcess? {
        do throws(GitError) {
            return try measure.excess(of: tree) { (id) throws(GitError) in
                guard shelf.holds(id) || store.database.holds(id) else { return nil }
                return try shelf.entries(of: id, in: store.database)
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
    package func isOdd(_ tree: ObjectID) async throws(Failure) -> Bool {
        _ = try entries(of: tree)
        return shelf.odd.contains(tree)
    }

    package var hasOddTrees: Bool { get async { !shelf.odd.isEmpty } }
    package var hasSubmodules: Bool { get async { !shelf.withSubmodules.isEmpty } }
}

import SpacesModel

/// All that a tree leads to, by name: what the Space holds under whatever path need not be sent, nor looked at, again.
struct ReachableObjects: Sendable {
    private(set) var trees: Set<ObjectID> = []
    private(set) var blobs: Set<ObjectID> = []

    /// - Parameter tree: nil for none.
    init(of tree: ObjectID?, in store: some ObjectDatabase) async throws(DeployError) {
        guard let tree else { return }
        trees = [tree]
        var waiting = [tree]
        while let next = waiting.popLast() {
            for entry in try await store.entries(of: next) {
                if entry.kind != .tree {
                    blobs.insert(entry.id)
                } else if trees.insert(entry.id).inserted {
                    waiting.append(entry.id)
                }
            }
        }
    }

    func contains(_ id: ObjectID) -> Bool { blobs.contains(id) || trees.contains(id) }
}

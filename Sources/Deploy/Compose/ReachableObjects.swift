import SpacesModel

/// The ids of all objects reachable from a tree. An object that the Space has under any path is not
/// sent or scanned again.
struct ReachableObjects: Sendable {
    private(set) var trees: Set<ObjectID> = []
    private(set) var blobs: Set<ObjectID> = []

    /// - Parameter tree: `nil` for an empty set.
    init(of tree: ObjectID?, in store: some ObjectDatabase) async throws(DeployError) {
        guard let tree else { return }
        trees = [tree]
        var pending = [tree]
        while let next = pending.popLast() {
            for entry in try await store.entries(of: next) {
                if entry.kind != .tree {
                    blobs.insert(entry.id)
                } else if trees.insert(entry.id).inserted {
                    pending.append(entry.id)
                }
            }
        }
    }

    func contains(_ id: ObjectID) -> Bool { blobs.contains(id) || trees.contains(id) }
}

import SpacesModel

/// The objects of a store that are reachable from its commits.
struct ReachableSet {
    private(set) var ids: Set<ObjectID> = []
    /// Trees that were visited including all their blobs.
    private var completeTrees: Set<ObjectID> = []
    /// The size limit in bytes for blobs if large ones are excluded. The cards, attributes and
    /// settings files that every deploy reads are smaller.
    private static let maxSmallSize = 64 << 10

    /// Adds a commit, its trees, and those of its blobs that are in the store: all, or only the
    /// small ones.
    /// - Throws: `GitError` if the commit or one of the trees is missing or damaged.
    mutating func add(_ commit: ObjectID, largeBlobs: Bool, in database: borrowing ODB) throws(GitError) {
        ids.insert(commit)
        var queue = [try database.commit(commit).tree]
        var seen: Set<ObjectID> = []
        while let tree = queue.popLast() {
            guard !completeTrees.contains(tree), seen.insert(tree).inserted else { continue }
            ids.insert(tree)
            for entry in try database.entries(of: tree) {
                if entry.kind == .tree {
                    queue.append(entry.id)
                } else if entry.kind.isBlob, !ids.contains(entry.id), database.contains(entry.id) {
                    let size = largeBlobs ? 0 : try database.size(of: entry.id)
                    if size <= Self.maxSmallSize { ids.insert(entry.id) }
                }
            }
        }
        if largeBlobs { completeTrees.formUnion(seen) }
    }
}

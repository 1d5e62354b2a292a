import SpacesModel

/// What a commit leads to, of what a store holds.
struct ReachableSet {
    private(set) var ids: Set<ObjectID> = []
    /// Trees that were gone through with all their blobs.
    private var completeTrees: Set<ObjectID> = []
    /// Larger blobs than this are left out where not all are asked for: cards, attributes and settings files, which
    /// every deploy reads, are smaller.
    private static let maxSmallSize = 64 << 10

    /// Takes a commit, its trees, and those of its blobs that are at hand: all, or the small ones.
    /// - Throws: when the commit or one of the trees is missing or damaged.
    mutating func add(_ commit: ObjectID, largeBlobs: Bool, in database: borrowing ODB) throws(GitError) {
        ids.insert(commit)
        var waiting = [try database.commit(commit).tree]
        var seen: Set<ObjectID> = []
        while let tree = waiting.popLast() {
            guard !completeTrees.contains(tree), seen.insert(tree).inserted else { continue }
            ids.insert(tree)
            for entry in try database.entries(of: tree) {
                if entry.kind == .tree {
                    waiting.append(entry.id)
                } else if entry.kind.isBlob, !ids.contains(entry.id), database.contains(entry.id) {
                    let size = largeBlobs ? 0 : try database.size(of: entry.id)
                    if size <= Self.maxSmallSize { ids.insert(entry.id) }
                }
            }
        }
        if largeBlobs { completeTrees.formUnion(seen) }
    }
}

import SpacesModel

/// What a commit leads to, of what a store holds.
struct Reach {
    private(set) var ids: Set<ObjectID> = []
    /// Trees that were gone through with all their blobs.
    private var whole: Set<ObjectID> = []
    /// Larger blobs than this are left out where not all are asked for: cards, attributes and settings files, which
    /// every deploy reads, are smaller.
    private static let small = 64 << 10

    /// Takes a commit, its trees, and those of its blobs that are at hand: all, or the small ones.
    /// - Throws: when the commit or one of the trees is missing or damaged.
    mutating func take(_ commit: ObjectID, largeBlobs: Bool, in database: borrowing Database) throws(GitError)
    {
        ids.insert(commit)
        var waiting = [try database.commit(commit).tree]
        var seen: Set<ObjectID> = []
        while let tree = waiting.popLast() {
            guard !whole.contains(tree), seen.insert(tree).inserted else { continue }
            ids.insert(tree)
            for entry in try database.entries(of: tree) {
                if entry.kind == .tree {
                    waiting.append(entry.id)
                } else if entry.kind.isBlob, !ids.contains(entry.id), database.holds(entry.id) {
                    let size = largeBlobs ? 0 : try database.size(of: entry.id)
                    if size <= Self.small { ids.insert(entry.id) }
                }
            }
        }
        if largeBlobs { whole.formUnion(seen) }
    }
}

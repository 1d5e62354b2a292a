import SpacesModel

/// A cache of parsed tree objects. A run reads each tree once, although selection, scan and diff
/// all use it. Entries never expire, since a tree's id is the hash of its content.
struct TreeCache: Sendable {
    private var trees: [ObjectID: [TreeEntry]] = [:]
    /// The number of tree entries that may still be cached, at about 100 bytes each.
    private var remainingCapacity = 1_000_000
    /// The number of trees that were read from the database.
    private(set) var reads = 0

    /// Trees that Git would serialise differently.
    private(set) var nonCanonical: Set<ObjectID> = []
    /// Trees that directly contain a submodule.
    private(set) var withSubmodules: Set<ObjectID> = []

    func contains(_ tree: ObjectID) -> Bool { trees[tree] != nil }

    mutating func entries(
        of tree: ObjectID, in database: borrowing ODB
    ) throws(GitError) -> [TreeEntry] {
        if let entries = trees[tree] { return entries }
        let (entries, isOdd) = try database.tree(tree)
        reads += 1
        if isOdd { nonCanonical.insert(tree) }
        if entries.contains(where: { $0.kind == .submodule }) { withSubmodules.insert(tree) }
        if entries.count <= remainingCapacity {
            remainingCapacity -= entries.count
            trees[tree] = entries
        }
        return entries
    }

    /// Returns whether a tree and all its subtrees are in the database. With `blobs`, also checks
    /// that the blobs exist; their content is not read.
    /// - Throws: `GitError` if a tree is damaged.
    mutating func containsAll(
        of tree: ObjectID, blobs: Bool, in database: borrowing ODB
    ) throws(GitError) -> Bool {
        var (queue, seen): ([ObjectID], Set<ObjectID>) = ([tree], [])
        while let next = queue.popLast() {
            guard seen.insert(next).inserted else { continue }
            guard database.contains(next) else { return false }
            for entry in try entries(of: next, in: database) {
                if entry.kind == .tree { queue.append(entry.id) }
                if blobs, entry.kind.isBlob, !database.contains(entry.id) { return false }
            }
        }
        return true
    }
}

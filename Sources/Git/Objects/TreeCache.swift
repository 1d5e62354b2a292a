import SpacesModel

/// Trees as they were read, so that a run reads each once: select, survey and difference all look at the same ones.
/// What a tree holds never changes, as its name is its content's.
struct TreeCache: Sendable {
    private var trees: [ObjectID: [TreeEntry]] = [:]
    /// How many entries are kept: some 100 bytes each.
    private var remainingCapacity = 1_000_000
    /// How many trees were read from the database.
    private(set) var reads = 0

    /// Trees that Git would write with other bytes.
    private(set) var nonCanonical: Set<ObjectID> = []
    /// Trees with a submodule in them.
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

    /// Whether a tree and all below it are here; of blobs only their presence is looked at, and only when asked.
    /// - Throws: when something is here but damaged.
    mutating func containsAll(
        of tree: ObjectID, blobs: Bool, in database: borrowing ODB
    ) throws(GitError) -> Bool {
        var (waiting, seen): ([ObjectID], Set<ObjectID>) = ([tree], [])
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            guard database.contains(next) else { return false }
            for entry in try entries(of: next, in: database) {
                if entry.kind == .tree { waiting.append(entry.id) }
                if blobs, entry.kind.isBlob, !database.contains(entry.id) { return false }
            }
        }
        return true
    }
}

import Essentials
import SpacesModel

/// Repacks a store into a new one with a single pack of the objects reachable from its references.
/// Packed objects are copied without recompression.
struct StoreRepack {
    private let path: String
    private let references: [String: ObjectID]

    /// - Returns: the path of the new, complete store.
    /// - Throws: if something is damaged or cannot be written, or there are no references.
    static func repack(_ path: String) throws -> String {
        let oldStore = try Store.open(at: path, joining: [])
        let repacking = StoreRepack(path: path, references: try oldStore.references())
        guard !repacking.references.isEmpty else {
            throw PackReader.CorruptPackError(message: "nothing is remembered")
        }
        let newPath = TemporaryStores.newPath(of: path)
        do { try repacking.write(oldStore.database, to: newPath) } catch {
            try? FileManager.default.removeItem(atPath: newPath)
            throw error
        }
        return newPath
    }

    private func write(_ old: borrowing ODB, to newPath: String) throws {
        try Store.create(at: newPath)
        let linkedPack = try linkLargestPack(in: newPath)
        let newStore = try Store.open(at: newPath, joining: [])
        let packs = PackFiles(in: path).largestFirst.filter { $0.path != linkedPack }
        let packSet = PackSet(try packs.map { try PackReader(at: $0.path) })
        let ids = try reachableObjects(of: packSet, in: old).filter { !newStore.database.contains($0) }
        try packSet.copy(ids, into: newStore.database, at: newPath)
        newStore.database.refresh()
        for id in ids.union(references.values) where !newStore.database.contains(id) {
            throw PackReader.CorruptPackError(message: "\(id) was lost")
        }
        try newStore.write(references)
        let label = "/\(Cache.label)"
        try? FileManager.default.copyItem(atPath: path + label, toPath: newPath + label)
    }

    /// Whether the store has references of a full history, such as a source fetched by SSH: nearly
    /// all of its objects are still needed.
    private var hasHistory: Bool {
        references.keys.contains { ![ObjectStore.tipRefName, ObjectStore.completeRefName].contains($0) }
    }

    /// The size in bytes of a pack that is hard-linked instead of copied if it makes up most of a
    /// store with history.
    private static let large = 32 << 20

    /// Hard-links the largest pack into the new store if copying it is not worthwhile.
    /// - Returns: the pack's path in the old store, as in `PackFiles`; `nil` if it was not linked.
    private func linkLargestPack(in newPath: String) throws -> String? {
        let files = PackFiles(in: path)
        guard hasHistory, let file = files.largestFirst.first, file.size > Self.large,
            file.size > files.size / 2
        else { return nil }
        let name = file.path.lastPathComponent
        for ending in [".pack", ".idx"] {
            try FileManager.default.linkItem(
                atPath: file.path + ending, toPath: "\(newPath)/objects/pack/\(name)\(ending)")
        }
        return file.path
    }

    private func reachableObjects(of packSet: PackSet, in old: borrowing ODB) throws -> Set<ObjectID> {
        guard !hasHistory else { return packSet.ids }
        var reachable = ReachableSet()
        for (name, hasLargeBlobs) in [(ObjectStore.completeRefName, true), (ObjectStore.tipRefName, false)] {
            guard let commit = references[name] else { continue }
            try reachable.add(commit, largeBlobs: hasLargeBlobs, in: old)
        }
        return reachable.ids
    }
}

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

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

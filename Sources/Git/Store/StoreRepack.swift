import Essentials
import SpacesModel

/// Rewrites a store beside its place: as one pack of what its references lead to. Objects are copied as they are stored.
struct StoreRepack {
    private let path: String
    private let references: [String: ObjectID]

    /// - Returns: the path of the new store, which is whole.
    /// - Throws: when something is damaged or cannot be written, or nothing says what is still wanted.
    static func repack(_ path: String) throws -> String {
        let old = try Store.open(at: path, joining: [])
        let fold = StoreRepack(path: path, references: try old.references())
        guard !fold.references.isEmpty else {
            throw PackReader.CorruptPackError(message: "nothing is remembered")
        }
        let fresh = TemporaryStores.newPath(of: path)
        do { try fold.write(old.database, to: fresh) } catch {
            try? FileManager.default.removeItem(atPath: fresh)
            throw error
        }
        return fresh
    }

    private func write(_ old: borrowing ODB, to fresh: String) throws {
        try Store.create(at: fresh)
        let kept = try linkLargestPack(in: fresh)
        let new = try Store.open(at: fresh, joining: [])
        let packs = PackFiles(in: path).largestFirst.filter { $0.path != kept }
        let shelf = PackSet(try packs.map { try PackReader(at: $0.path) })
        let ids = try reachableObjects(of: shelf, in: old).filter { !new.database.contains($0) }
        try shelf.copy(ids, into: new.database, at: fresh)
        new.database.refresh()
        for id in ids.union(references.values) where !new.database.contains(id) {
            throw PackReader.CorruptPackError(message: "\(id) was lost")
        }
        try new.write(references)
        let label = "/\(Cache.label)"
        try? FileManager.default.copyItem(atPath: path + label, toPath: fresh + label)
    }

    /// Whether it holds all that commits lead to, such as a source fetched by ssh: nearly all of that is wanted still.
    private var hasHistory: Bool {
        references.keys.contains { ![ObjectStore.tipRefName, ObjectStore.completeRefName].contains($0) }
    }

    /// A pack of this size that makes up most of a store with history is not copied for the sake of some small ones.
    private static let large = 32 << 20

    /// Gives the new store the largest pack as it is, where that is best.
    /// - Returns: its path in the old store, as `PackFiles` has it.
    private func linkLargestPack(in fresh: String) throws -> String? {
        let files = PackFiles(in: path)
        guard hasHistory, let file = files.largestFirst.first, file.size > Self.large,
            file.size > files.size / 2
        else { return nil }
        let name = file.path.lastPathComponent
        for ending in [".pack", ".idx"] {
            try FileManager.default.linkItem(
                atPath: file.path + ending, toPath: "\(fresh)/objects/pack/\(name)\(ending)")
        }
        return file.path
    }

    private func reachableObjects(of packSet: PackSet, in old: borrowing ODB) throws -> Set<ObjectID> {
        guard !hasHistory else { return packSet.ids }
        var reach = ReachableSet()
        for (name, isWhole) in [(ObjectStore.completeRefName, true), (ObjectStore.tipRefName, false)] {
            guard let commit = references[name] else { continue }
            try reach.add(commit, largeBlobs: isWhole, in: old)
        }
        return reach.ids
    }
}

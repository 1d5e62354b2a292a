import Essentials
import SpacesModel

/// Rewrites a store beside its place: as one pack of what its references lead to. Objects are copied as they are stored.
struct StoreFold {
    private let path: String
    private let references: [String: ObjectID]

    /// - Returns: the path of the new store, which is whole.
    /// - Throws: when something is damaged or cannot be written, or nothing says what is still wanted.
    static func fold(_ path: String) throws -> String {
        let old = try Store.open(at: path, joining: [])
        let fold = StoreFold(path: path, references: try old.references())
        guard !fold.references.isEmpty else { throw StoredPack.Damage(words: "nothing is remembered") }
        let fresh = Leftover.newPath(of: path)
        do { try fold.write(old.database, to: fresh) } catch {
            try? FileManager.default.removeItem(atPath: fresh)
            throw error
        }
        return fresh
    }

    private func write(_ old: borrowing Database, to fresh: String) throws {
        try Store.create(at: fresh)
        let kept = try keepLargest(in: fresh)
        let new = try Store.open(at: fresh, joining: [])
        let packs = PackFiles(in: path).largestFirst.filter { $0.path != kept }
        let shelf = PackShelf(try packs.map { try StoredPack(at: $0.path) })
        let ids = try wanted(of: shelf, in: old).filter { !new.database.holds($0) }
        try shelf.copy(ids, into: new.database, at: fresh)
        new.database.refresh()
        for id in ids.union(references.values) where !new.database.holds(id) {
            throw StoredPack.Damage(words: "\(id) was lost")
        }
        try new.write(references)
        let label = "/\(Cache.label)"
        try? FileManager.default.copyItem(atPath: path + label, toPath: fresh + label)
    }

    /// Whether it holds all that commits lead to, such as a source fetched by ssh: nearly all of that is wanted still.
    private var hasHistory: Bool {
        references.keys.contains { ![ObjectStore.tipName, ObjectStore.wholeName].contains($0) }
    }

    /// A pack of this size that makes up most of a store with history is not copied for the sake of some small ones.
    private static let large = 32 << 20

    /// Gives the new store the largest pack as it is, where that is best.
    /// - Returns: its path in the old store, as `PackFiles` has it.
    private func keepLargest(in fresh: String) throws -> String? {
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

    private func wanted(of shelf: PackShelf, in old: borrowing Database) throws -> Set<ObjectID> {
        guard !hasHistory else { return shelf.ids }
        var reach = Reach()
        for (name, isWhole) in [(ObjectStore.wholeName, true), (ObjectStore.tipName, false)] {
            guard let commit = references[name] else { continue }
            try reach.take(commit, largeBlobs: isWhole, in: old)
        }
        return reach.ids
    }
}

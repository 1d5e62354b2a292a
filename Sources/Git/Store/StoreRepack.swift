import Essentials
import SpacesModel
import TextTools

/// Decides whether a store is repacked. Every push and fetch adds a pack, and each additional pack
/// slows down lookups.
enum RepackPolicy {
    /// `urgent`: so many packs have accumulated while other processes used the store that a
    /// temporary store is faster.
    case none, due, urgent

    private static let (packs, manyPacks) = (20, 200)
    /// The size in bytes above which a store is repacked if its largest pack has less than half of
    /// it: repacking leaves one pack, and many of the objects added since are no longer needed.
    private static let large = 64 << 20

    /// - Parameter store: the path of the bare repository.
    init(of store: String) {
        let files = PackFiles(in: store)
        let largest = files.largestFirst.first?.size ?? 0
        let isScattered = files.size > Self.large && files.size > 2 * largest
        self = files.count > Self.manyPacks ? .urgent : files.count > Self.packs || isScattered ? .due : .none
    }
}

/// Replaces the packs of a store with a single pack of the objects reachable from its references.
/// Packed objects are copied without recompression, so that deltas are kept. libgit2's packbuilder
/// would store every object in full or search for deltas anew.
///
/// The new pack becomes visible when it is complete, and only then are the others removed: a crash
/// leaves a store that has all of its objects.
struct StoreRepack {
    private let path: String
    private let references: [String: ObjectID]
    private let packs: PackSet
    /// A pack that is kept as it is; `nil` if there is none.
    private let kept: (name: String, index: PackIndex)?

    /// Repacks a store, which no other process may use.
    /// - Parameter path: the path of the bare repository.
    /// - Throws: if something is damaged or cannot be written, or there are no references. No pack
    ///   was removed then.
    static func run(in path: String) throws {
        let store = try Store.open(at: path, joining: [])
        try StoreRepack(path, try store.references()).run(in: store.database)
    }

    private init(_ path: String, _ references: [String: ObjectID]) throws {
        guard !references.isEmpty else {
            throw PackReader.CorruptPackError(message: "the store has no references")
        }
        (self.path, self.references) = (path, references)
        let files = PackFiles(in: path)
        let largest = files.largestFirst.first.flatMap { file in
            Self.isKept(file.size, of: files.size, references) ? file.path : nil
        }
        kept = try largest.map { ($0.lastPathComponent, try PackIndex(at: $0 + ".idx")) }
        packs = PackSet(
            try files.largestFirst.filter { $0.path != largest }.map { try PackReader(at: $0.path) })
    }

    /// The size in bytes of a pack that is kept instead of copied if it makes up most of a store
    /// with history.
    private static let large = 32 << 20

    private static func isKept(_ size: Int, of total: Int, _ references: [String: ObjectID]) -> Bool {
        hasHistory(references) && size > large && size > total / 2
    }

    /// Whether the store has references of a full history, such as a source fetched by SSH: nearly
    /// all of its objects are still needed.
    private static func hasHistory(_ references: [String: ObjectID]) -> Bool {
        references.keys.contains { ![ObjectStore.tipRefName, ObjectStore.completeRefName].contains($0) }
    }

    private func run(in database: borrowing ODB) throws {
        let ids = try reachableObjects(in: database).filter { !isKept($0) }
        for commit in references.values where !ids.contains(commit) && !isKept(commit) {
            throw PackReader.CorruptPackError(message: "\(commit) is missing")
        }
        let copy = try packs.copy(ids, into: database, at: path)
        removePacks(except: [copy, kept?.name].compactMap { $0 })
    }

    private func isKept(_ id: ObjectID) -> Bool { kept?.index.number(of: id) != nil }

    private func reachableObjects(in database: borrowing ODB) throws -> Set<ObjectID> {
        guard !Self.hasHistory(references) else { return packs.ids }
        var reachable = ReachableSet()
        for (name, hasLargeBlobs) in [(ObjectStore.completeRefName, true), (ObjectStore.tipRefName, false)] {
            guard let commit = references[name] else { continue }
            try reachable.add(commit, largeBlobs: hasLargeBlobs, in: database)
        }
        return reachable.ids
    }

    /// Removes the files of all other packs, also incomplete ones. An index is removed after its
    /// pack: libgit2 ignores an index without a pack. If the directory cannot be read, the packs stay until
    /// the next repack.
    private func removePacks(except names: [String]) {
        let directory = path + "/objects/pack"
        guard names.allSatisfy({ access("\(directory)/\($0).idx", R_OK) == 0 }),
            let all = try? FileManager.default.contentsOfDirectory(atPath: directory)
        else { return }
        let files = all.filter { file in !names.contains { file.hasPrefix($0 + ".") } }
        let (indexes, packs) = (files.filter { $0.hasSuffix(".idx") }, files.filter { !$0.hasSuffix(".idx") })
        for file in packs + indexes { unlink("\(directory)/\(file)") }
    }
}

/// The packs of a store that are merged into one.
private struct PackSet {
    private let packs: [PackReader]
    /// The number of the pack that each object is copied from.
    private let packNumbers: [ObjectID: Int]

    init(_ packs: [PackReader]) {
        self.packs = packs
        var firstPacks: [ObjectID: Int] = [:]
        for (number, pack) in packs.enumerated() {
            for id in pack.ids where firstPacks[id] == nil { firstPacks[id] = number }
        }
        self.packNumbers = firstPacks
    }

    var ids: Set<ObjectID> { Set(packNumbers.keys) }

    /// Copies objects and the bases of their deltas into a new pack.
    /// - Returns: the pack's name without ending; `nil` if there are no objects.
    /// - Throws: if an object is missing or damaged.
    func copy(_ ids: Set<ObjectID>, into database: borrowing ODB, at directory: String) throws -> String? {
        let ids = try withBases(ids)
        guard !ids.isEmpty else { return nil }
        let output = try StoredPack(into: database, at: directory)
        var writer = try PackWriter(count: ids.count) { try output.write($0) }
        for (number, pack) in packs.enumerated() {
            for id in pack.ids where packNumbers[id] == number && ids.contains(id) {
                try writer.add(try pack.entry(id))
            }
        }
        // libgit2 names a pack after its checksum.
        let checksum = try writer.finish()
        try output.commit()
        return "pack-\(checksum.hex)"
    }

    /// Returns the objects with the bases of their deltas. A pack contains the bases of all its
    /// deltas, and each object is taken from the first pack that has it, so the search leads only
    /// to earlier packs and terminates.
    private func withBases(_ ids: Set<ObjectID>) throws -> Set<ObjectID> {
        var (all, queue) = (ids, Array(ids))
        while let id = queue.popLast() {
            guard let packNumber = packNumbers[id] else {
                throw PackReader.CorruptPackError(message: "\(id) is not in any pack")
            }
            if let base = try packs[packNumber].entry(id).base, all.insert(base).inserted {
                queue.append(base)
            }
        }
        return all
    }
}

/// The objects of a store that are reachable from its commits.
private struct ReachableSet {
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

import Digest
import SpacesModel

/// The packs of a store that are merged into one.
struct PackSet {
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
    /// - Throws: if an object is missing or damaged.
    func copy(_ ids: Set<ObjectID>, into database: borrowing ODB, at directory: String) throws {
        let ids = try withBases(ids)
        guard !ids.isEmpty else { return }
        var copier = try PackCopier(count: ids.count, into: database, at: directory)
        for (number, pack) in packs.enumerated() {
            for id in pack.ids where packNumbers[id] == number && ids.contains(id) {
                try copier.add(try pack.entry(id))
            }
        }
        try copier.finish()
    }

    /// Returns the objects with the bases of their deltas. A pack contains the bases of all its
    /// deltas, and each object is taken from the first pack that has it, so the search leads only
    /// to earlier packs and terminates.
    private func withBases(_ ids: Set<ObjectID>) throws -> Set<ObjectID> {
        var (all, queue) = (ids, Array(ids))
        while let id = queue.popLast() {
            guard let packNumber = packNumbers[id] else {
                throw PackReader.CorruptPackError(message: "\(id) is in no pack")
            }
            if let base = try packs[packNumber].entry(id).base, all.insert(base).inserted {
                queue.append(base)
            }
        }
        return all
    }
}

/// Creates a pack from entries copied from other packs. libgit2's indexer inflates each object and
/// computes its id from the content, so damaged objects are detected.
struct PackCopier: ~Copyable {
    private var pack: PackIndexer.Pack
    private var buffer: [UInt8]
    private let hash = SHA1()

    /// - Parameter directory: the directory that the database writes to.
    init(count: Int, into database: borrowing ODB, at directory: String) throws {
        guard let count = UInt32(exactly: count) else {
            throw PackReader.CorruptPackError(message: "too many objects")
        }
        pack = try PackIndexer.Pack(into: database, at: directory)
        buffer = Array("PACK".utf8) + [0, 0, 0, 2] + withUnsafeBytes(of: count.bigEndian, Array.init)
    }

    mutating func add(_ entry: PackReader.Entry) throws {
        buffer += entry.bytes
        // Buffered, because the indexer maps a part of its file in each call.
        if buffer.count >= 1 << 20 { try flush() }
    }

    consuming func finish() throws {
        try flush()
        try pack.append(hash.finalize())
        try pack.commit()
    }

    private mutating func flush() throws {
        hash.update(buffer)
        try pack.append(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

import SpacesModel

/// The packs of a store that are made one.
struct PackSet {
    private let packs: [PackReader]
    /// Which of the packs an object is taken from.
    private let packNumbers: [ObjectID: Int]

    init(_ packs: [PackReader]) {
        self.packs = packs
        var homes: [ObjectID: Int] = [:]
        for (number, pack) in packs.enumerated() {
            for id in pack.ids where homes[id] == nil { homes[id] = number }
        }
        self.packNumbers = homes
    }

    var ids: Set<ObjectID> { Set(packNumbers.keys) }

    /// Copies objects, with what they are stored as differences to.
    /// - Throws: when one is missing or damaged.
    func copy(_ ids: Set<ObjectID>, into database: borrowing ODB, at directory: String) throws {
        let ids = try withBases(ids)
        guard !ids.isEmpty else { return }
        var copy = try PackCopier(count: ids.count, into: database, at: directory)
        for (number, pack) in packs.enumerated() {
            for id in pack.ids where packNumbers[id] == number && ids.contains(id) {
                try copy.add(try pack.entry(id))
            }
        }
        try copy.finish()
    }

    /// A pack holds the bases of all its differences, and each object is taken from the first pack that has it, so
    /// following bases leads to earlier packs only, and never in a circle.
    private func withBases(_ ids: Set<ObjectID>) throws -> Set<ObjectID> {
        var (all, waiting) = (ids, Array(ids))
        while let id = waiting.popLast() {
            guard let home = packNumbers[id] else {
                throw PackReader.CorruptPackError(message: "\(id) is in no pack")
            }
            if let base = try packs[home].entry(id).base, all.insert(base).inserted { waiting.append(base) }
        }
        return all
    }
}

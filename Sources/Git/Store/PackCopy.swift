import Digest

/// A pack of objects copied from other packs. libgit2's indexer takes it in: it inflates each of them and names it by
/// what it holds, so nothing damaged comes through.
struct PackCopy: ~Copyable {
    private var pack: PackIntake.Pack
    private var waiting: [UInt8]
    private let hash = SHA1()

    /// - Parameter directory: that the database writes to.
    init(count: Int, into database: borrowing Database, at directory: String) throws {
        guard let count = UInt32(exactly: count) else { throw StoredPack.Damage(words: "too many objects") }
        pack = try PackIntake.Pack(into: database, at: directory)
        waiting = Array("PACK".utf8) + [0, 0, 0, 2] + withUnsafeBytes(of: count.bigEndian, Array.init)
    }

    mutating func add(_ entry: StoredPack.Entry) throws {
        waiting += entry.bytes
        // The indexer maps a part of its file at each call.
        if waiting.count >= 1 << 20 { try flush() }
    }

    consuming func finish() throws {
        try flush()
        try pack.append(hash.finalize())
        try pack.commit()
    }

    private mutating func flush() throws {
        hash.update(waiting)
        try pack.append(waiting)
        waiting.removeAll(keepingCapacity: true)
    }
}

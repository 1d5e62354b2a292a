import Digest

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

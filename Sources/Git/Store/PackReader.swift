import Digest
import Essentials
import SpacesModel

/// Reads the packed form of objects from a pack and its index, so that they can be copied without
/// inflating or recompressing them (https://git-scm.com/docs/gitformat-pack).
struct PackReader {
    private let file: OpenFile
    private let index: PackIndex
    /// Positions in the index, ordered by the objects' offsets in the pack.
    private let order: [UInt32]
    /// The end offset of the last object.
    private let end: Int

    /// An error in the format of a pack or its index.
    struct CorruptPackError: Error { var message: String }

    /// The packed form of an object.
    struct Entry {
        /// The header with type and size. The type of deltas is converted to `OBJ_REF_DELTA`.
        fileprivate(set) var head: [UInt8]
        /// The base of a delta, an object of the same pack; `nil` for other objects.
        fileprivate(set) var base: ObjectID?
        /// The zlib-compressed content.
        fileprivate(set) var body: ArraySlice<UInt8>

        var bytes: [UInt8] { head + (base?.bytes ?? []) + body }
    }

    /// - Parameter path: the path without `.pack` or `.idx`.
    init(at path: String) throws {
        try self.init(at: path, by: try PackIndex(at: path + ".idx"))
    }

    init(at path: String, by index: PackIndex) throws {
        self.index = index
        guard let file = OpenFile(path + ".pack"), let size = file.size else {
            throw CorruptPackError(message: "\(path).pack cannot be read")
        }
        (self.file, end) = (file, size - 20)
        var starts: [(start: Int, number: UInt32)] = []
        starts.reserveCapacity(index.count)
        for number in 0..<index.count { starts.append((try index.start(number), UInt32(number))) }
        starts.sort { $0.start < $1.start }
        guard (starts.first?.start ?? 12) >= 12, (starts.last?.start ?? 0) < end else {
            throw CorruptPackError(message: "\(path).idx refers to data beyond its pack")
        }
        order = starts.map(\.number)
    }

    /// The ids of the objects, ordered by offset.
    var ids: [ObjectID] { order.map { index.id(Int($0)) } }

    func contains(_ id: ObjectID) -> Bool { index.number(of: id) != nil }

    /// Returns the packed form of an object.
    /// - Throws: `CorruptPackError`, also if the bytes do not match the index's checksum.
    func entry(_ id: ObjectID) throws -> Entry {
        guard let number = index.number(of: id) else {
            throw CorruptPackError(message: "\(id) is not in the pack")
        }
        let byteRange = try range(of: number)
        let bytes = try read(byteRange)
        guard bytes.withUnsafeBytes({ CRC32.checksum($0) }) == index.checksum(number) else {
            throw CorruptPackError(message: "\(id) is damaged")
        }
        var remaining = bytes[...]
        var entry = Entry(head: try Self.number(from: &remaining), base: nil, body: remaining)
        switch entry.head[0] >> 4 & 7 {
        case 6:
            let distance = try Self.distance(from: &remaining)
            entry.base = try position(of: byteRange.lowerBound - distance).map { index.id(Int(order[$0])) }
            entry.head[0] |= 0x10
            guard entry.base != nil else { throw CorruptPackError(message: "\(id) has no base") }
        case 7:
            entry.base = ObjectID(bytes: remaining.prefix(20))
            remaining = remaining.dropFirst(20)
            guard entry.base != nil else { throw CorruptPackError(message: "\(id) is truncated") }
        default: break
        }
        entry.body = remaining
        return entry
    }

    /// Returns the byte range from the start of an object to the start of the next one.
    private func range(of number: Int) throws(CorruptPackError) -> Range<Int> {
        let start = try index.start(number)
        guard let position = try position(of: start) else {
            throw CorruptPackError(message: "an index has an invalid offset")
        }
        let next = position + 1 < order.count ? try index.start(Int(order[position + 1])) : end
        guard start < next else {
            throw CorruptPackError(message: "two objects of a pack have the same offset")
        }
        return start..<next
    }

    /// Returns the position in `order` of the object that starts at an offset; `nil` if there is
    /// none.
    private func position(of start: Int) throws(CorruptPackError) -> Int? {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if try index.start(Int(order[middle])) < start { low = middle + 1 } else { high = middle }
        }
        guard low < order.count, try index.start(Int(order[low])) == start else { return nil }
        return low
    }

    private func read(_ range: Range<Int>) throws -> [UInt8] {
        var total = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while total < range.count {
                let offset = off_t(range.lowerBound + total)
                let readCount = pread(
                    file.descriptor, buffer.baseAddress.map { $0 + total }, range.count - total, offset)
                guard readCount > 0 || (readCount < 0 && errno == EINTR) else { break }
                total += max(readCount, 0)
            }
            count = total
        }
        guard bytes.count == range.count else { throw CorruptPackError(message: "a pack is truncated") }
        return bytes
    }

    /// Returns the bytes of a variable-length number, in which all bytes except the last have the
    /// highest bit set.
    private static func number(from remaining: inout ArraySlice<UInt8>) throws(CorruptPackError) -> [UInt8] {
        let count = remaining.prefix(10).prefix { $0 & 0x80 != 0 }.count + 1
        guard count <= remaining.count else { throw CorruptPackError(message: "an object is truncated") }
        defer { remaining = remaining.dropFirst(count) }
        return Array(remaining.prefix(count))
    }

    /// Returns the distance in bytes from an object back to its base.
    private static func distance(from remaining: inout ArraySlice<UInt8>) throws(CorruptPackError) -> Int {
        let bytes = try number(from: &remaining)
        guard bytes.count <= 8 else { throw CorruptPackError(message: "the offset of a base is too large") }
        return bytes.dropFirst().reduce(Int(bytes[0] & 0x7F)) { ($0 + 1) << 7 | Int($1 & 0x7F) }
    }
}

/// Reuses the packed form of objects in existing packs for a push. Only used for many objects,
/// where it saves repeating Git's compression and delta search.
struct PackReuse {
    private let packs: [PackReader]
    private let sent: Set<ObjectID>

    /// The maximum number of packs to search, largest first.
    private static let maxPacks = 8
    /// The maximum ratio of a pack's objects to the objects sent. A pack's offsets must all be
    /// sorted to find where objects end, so a large pack is not opened for a few objects.
    private static let maxIndexRatio = 32
    private static let minObjects = 100

    /// - Parameters:
    ///   - directories: object directories.
    ///   - sent: all objects of the push; a delta is reused only if its base is among them.
    init(from directories: [String], sending sent: [ObjectID]) {
        self.sent = Set(sent.count < Self.minObjects ? [] : sent)
        let files = self.sent.isEmpty ? [] : directories.flatMap { PackFiles(packedIn: $0).largestFirst }
        packs = files.sorted { $0.size > $1.size }.prefix(Self.maxPacks).compactMap { file in
            guard let index = try? PackIndex(at: file.path + ".idx"),
                index.count <= sent.count * Self.maxIndexRatio
            else { return nil }
            return try? PackReader(at: file.path, by: index)
        }
    }

    /// Returns an object's entry in the first pack that has it; `nil` if no pack has it, it is
    /// damaged, or it is a delta to an object that is not sent. A base is in the same pack and
    /// therefore taken from that or an earlier one, so deltas cannot form a cycle.
    func entry(_ id: ObjectID) -> PackReader.Entry? {
        guard let pack = packs.first(where: { $0.contains(id) }), let entry = try? pack.entry(id),
            entry.base.map(sent.contains) ?? true
        else { return nil }
        return entry
    }
}

import Digest
import Essentials
import SpacesModel

/// A pack and its index, read as they lie, so that objects are copied without being inflated or compared.
/// https://git-scm.com/docs/gitformat-pack
struct PackReader {
    private let file: OpenFile
    private let index: PackIndex
    /// Numbers of the index, in the order in which the objects stand.
    private let order: [UInt32]
    /// Where the last one ends.
    private let end: Int

    /// What of a pack or its index is not as it must be.
    struct CorruptPackError: Error { var message: String }

    /// An object as a pack holds it.
    struct Entry {
        /// Type and size, with the type of a difference to an object by its name where it is one.
        fileprivate(set) var head: [UInt8]
        /// What it is a difference to: an object of the same pack.
        fileprivate(set) var base: ObjectID?
        /// Deflated.
        fileprivate(set) var body: ArraySlice<UInt8>

        var bytes: [UInt8] { head + (base?.bytes ?? []) + body }
    }

    /// - Parameter path: without the `.pack` and `.idx` at its end.
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
            throw CorruptPackError(message: "\(path).idx leads beyond its pack")
        }
        order = starts.map(\.number)
    }

    /// Its objects, in the order in which they stand.
    var ids: [ObjectID] { order.map { index.id(Int($0)) } }

    func contains(_ id: ObjectID) -> Bool { index.number(of: id) != nil }

    /// - Throws: also when its bytes are not those that the index was made of.
    func entry(_ id: ObjectID) throws -> Entry {
        guard let number = index.number(of: id) else {
            throw CorruptPackError(message: "\(id) is not in the pack")
        }
        let place = try range(of: number)
        let bytes = try read(place)
        guard bytes.withUnsafeBytes({ CRC32.checksum($0) }) == index.checksum(number) else {
            throw CorruptPackError(message: "\(id) is damaged")
        }
        var rest = bytes[...]
        var entry = Entry(head: try Self.number(from: &rest), base: nil, body: rest)
        switch entry.head[0] >> 4 & 7 {
        case 6:
            let distance = try Self.distance(from: &rest)
            entry.base = try position(of: place.lowerBound - distance).map { index.id(Int(order[$0])) }
            entry.head[0] |= 0x10
            guard entry.base != nil else { throw CorruptPackError(message: "\(id) has no base") }
        case 7:
            entry.base = ObjectID(bytes: rest.prefix(20))
            rest = rest.dropFirst(20)
            guard entry.base != nil else { throw CorruptPackError(message: "\(id) breaks off") }
        default: break
        }
        entry.body = rest
        return entry
    }

    /// From where an object begins to where the next one does.
    private func range(of number: Int) throws(CorruptPackError) -> Range<Int> {
        let start = try index.start(number)
        guard let position = try position(of: start) else {
            throw CorruptPackError(message: "an index leads nowhere")
        }
        let next = position + 1 < order.count ? try index.start(Int(order[position + 1])) : end
        guard start < next else {
            throw CorruptPackError(message: "two objects of a pack begin at one place")
        }
        return start..<next
    }

    /// Which object in order begins at a place.
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
        var done = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while done < range.count {
                let offset = off_t(range.lowerBound + done)
                let part = pread(
                    file.descriptor, buffer.baseAddress.map { $0 + done }, range.count - done, offset)
                guard part > 0 || (part < 0 && errno == EINTR) else { break }
                done += max(part, 0)
            }
            count = done
        }
        guard bytes.count == range.count else { throw CorruptPackError(message: "a pack breaks off") }
        return bytes
    }

    /// The bytes of a number of which each but the last has its highest bit set.
    private static func number(from remaining: inout ArraySlice<UInt8>) throws(CorruptPackError) -> [UInt8] {
        let count = remaining.prefix(10).prefix { $0 & 0x80 != 0 }.count + 1
        guard count <= remaining.count else { throw CorruptPackError(message: "an object breaks off") }
        defer { remaining = remaining.dropFirst(count) }
        return Array(remaining.prefix(count))
    }

    /// How far before an object its base stands.
    private static func distance(from remaining: inout ArraySlice<UInt8>) throws(CorruptPackError) -> Int {
        let bytes = try number(from: &remaining)
        guard bytes.count <= 8 else { throw CorruptPackError(message: "a base is too far away") }
        return bytes.dropFirst().reduce(Int(bytes[0] & 0x7F)) { ($0 + 1) << 7 | Int($1 & 0x7F) }
    }
}

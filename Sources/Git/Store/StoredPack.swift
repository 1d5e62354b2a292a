import Deploy
import Foundation

/// A pack of a store and its index, read as they lie, so that objects are copied without being inflated or compared.
/// https://git-scm.com/docs/gitformat-pack
struct StoredPack {
    private let bytes: Data
    private let places: [ObjectID: Range<Int>]
    private let names: [Int: ObjectID]

    /// What of a pack or its index is not as it must be.
    struct Damage: Error { var words: String }

    /// An object as a pack holds it.
    struct Entry {
        /// Type and size, with the type of a difference to an object by its name where it is one.
        fileprivate(set) var head: [UInt8]
        /// What it is a difference to: an object of the same pack.
        fileprivate(set) var base: ObjectID?
        /// Deflated.
        fileprivate(set) var body: Data

        var bytes: [UInt8] { head + (base?.bytes ?? []) + body }
    }

    /// - Parameter path: without the `.pack` and `.idx` at its end.
    init(at path: String) throws {
        let index = try PackIndex(Array(try Data(contentsOf: URL(fileURLWithPath: path + ".idx"))))
        bytes = try Data(contentsOf: URL(fileURLWithPath: path + ".pack"), options: .alwaysMapped)
        let end = bytes.count - 20
        let starts = index.entries.sorted { $0.start < $1.start }
        let ends = starts.dropFirst().map(\.start) + [end]
        guard zip(starts, ends).allSatisfy({ $0.start >= 12 && $0.start < $1 }), (ends.last ?? end) <= end
        else {
            throw Damage(words: "\(path).idx leads beyond its pack")
        }
        let pairs = zip(starts, ends).map { ($0.id, $0.start..<$1) }
        places = Dictionary(pairs) { first, _ in first }
        names = Dictionary(starts.map { ($0.start, $0.id) }) { first, _ in first }
    }

    /// Its objects, in the order in which they stand.
    var ids: [ObjectID] {
        places.sorted { $0.value.lowerBound < $1.value.lowerBound }.map(\.key)
    }

    func entry(_ id: ObjectID) throws(Damage) -> Entry {
        guard let place = places[id] else { throw Damage(words: "\(id) is not in the pack") }
        var rest = bytes[place]
        var entry = Entry(head: try Self.number(from: &rest), base: nil, body: rest)
        switch entry.head[0] >> 4 & 7 {
        case 6:
            let distance = try Self.distance(from: &rest)
            entry.base = names[place.lowerBound - distance]
            entry.head[0] |= 0x10
            guard entry.base != nil else { throw Damage(words: "\(id) has no base") }
        case 7:
            entry.base = ObjectID(bytes: rest.prefix(20))
            rest = rest.dropFirst(20)
            guard entry.base != nil else { throw Damage(words: "\(id) breaks off") }
        default: break
        }
        entry.body = rest
        return entry
    }

    /// The bytes of a number of which each but the last has its highest bit set.
    private static func number(from rest: inout Data) throws(Damage) -> [UInt8] {
        let count = rest.prefix(10).prefix { $0 & 0x80 != 0 }.count + 1
        guard count <= rest.count else { throw Damage(words: "an object breaks off") }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// How far before an object its base stands.
    private static func distance(from rest: inout Data) throws(Damage) -> Int {
        let bytes = try number(from: &rest)
        guard bytes.count <= 8 else { throw Damage(words: "a base is too far away") }
        return bytes.dropFirst().reduce(Int(bytes[0] & 0x7F)) { ($0 + 1) << 7 | Int($1 & 0x7F) }
    }
}

/// The index of a pack, version 2, which is all that libgit2 writes.
private struct PackIndex {
    private let bytes: [UInt8]
    private(set) var entries: [(id: ObjectID, start: Int)] = []

    init(_ bytes: [UInt8]) throws(StoredPack.Damage) {
        self.bytes = bytes
        let names = 8 + 1_024
        guard bytes.count >= names, bytes.starts(with: [0xFF, 0x74, 0x4F, 0x63, 0, 0, 0, 2]) else {
            throw StoredPack.Damage(words: "an index is of another kind")
        }
        let count = word(at: names - 4)
        let (offsets, far) = (names + count * 24, names + count * 28)
        guard bytes.count >= far + 40 else { throw StoredPack.Damage(words: "an index breaks off") }
        entries.reserveCapacity(count)
        for number in 0..<count {
            let name = names + number * 20
            guard let id = ObjectID(bytes: bytes[name..<(name + 20)]) else { continue }
            entries.append((id, try start(word(at: offsets + number * 4), far: far)))
        }
    }

    /// Beyond 2 GiB the offset names a place in a second table.
    private func start(_ offset: Int, far: Int) throws(StoredPack.Damage) -> Int {
        guard offset >= 1 << 31 else { return offset }
        let place = far + (offset - 1 << 31) * 8
        guard place + 8 <= bytes.count - 40, word(at: place) < 1 << 31 else {
            throw StoredPack.Damage(words: "an index leads nowhere")
        }
        return word(at: place) << 32 | word(at: place + 4)
    }

    private func word(at place: Int) -> Int {
        bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
}

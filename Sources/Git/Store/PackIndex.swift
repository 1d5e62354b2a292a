import Essentials
import SpacesModel

/// The index of a pack, version 2, which is all that libgit2 and Git write: https://git-scm.com/docs/gitformat-pack. It is
/// read as it lies: to open one costs nothing, however many objects it names.
struct PackIndex: Sendable {
    private let bytes: Data
    /// How many objects it names, sorted by their names.
    let count: Int

    /// Where the names begin: behind the head and, for each first byte, how many names begin with it or a lower one.
    private static let names = 8 + 1_024
    private var checksums: Int { Self.names + count * 20 }
    private var offsets: Int { Self.names + count * 24 }
    private var largeOffsets: Int { Self.names + count * 28 }

    init(at path: String) throws {
        bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard bytes.count >= Self.names + 40, bytes.starts(with: [0xFF, 0x74, 0x4F, 0x63, 0, 0, 0, 2]) else {
            throw PackReader.CorruptPackError(message: "an index is of another kind")
        }
        count = Self.uint32(of: bytes, at: Self.names - 4)
        guard bytes.count >= largeOffsets + 40 else {
            throw PackReader.CorruptPackError(message: "an index breaks off")
        }
    }

    /// The place of a name among the others; nil when the pack does not have it.
    func number(of id: ObjectID) -> Int? {
        let first = Int(id.firstByte)
        var low = first == 0 ? 0 : Self.uint32(of: bytes, at: 8 + (first - 1) * 4)
        var high = min(Self.uint32(of: bytes, at: 8 + first * 4), count)
        while low < high {
            let middle = (low + high) / 2
            let found = self.id(middle)
            if found == id { return middle }
            if found < id { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// - Parameter number: below `count`.
    func id(_ number: Int) -> ObjectID {
        let start = Self.names + number * 20
        return bytes.withUnsafeBytes { ObjectID(bytes: $0[start..<(start + 20)]) } ?? .zero
    }

    /// Where the object stands in the pack.
    func start(_ number: Int) throws(PackReader.CorruptPackError) -> Int {
        let offset = Self.uint32(of: bytes, at: offsets + number * 4)
        guard offset >= 1 << 31 else { return offset }
        // Beyond 2 GiB it names a place in a second table.
        let place = largeOffsets + (offset - 1 << 31) * 8
        guard place + 8 <= bytes.count - 40, Self.uint32(of: bytes, at: place) < 1 << 31 else {
            throw PackReader.CorruptPackError(message: "an index leads nowhere")
        }
        return Self.uint32(of: bytes, at: place) << 32 | Self.uint32(of: bytes, at: place + 4)
    }

    /// The CRC-32 of the object as it lies in the pack.
    func checksum(_ number: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: Self.uint32(of: bytes, at: checksums + number * 4))
    }

    private static func uint32(of bytes: Data, at offset: Int) -> Int {
        bytes.withUnsafeBytes { $0[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
    }
}

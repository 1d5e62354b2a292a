import Essentials
import SpacesModel

/// The pack files of an object directory, with their sizes.
struct PackFiles {
    /// The path without `.pack`, and the size in bytes.
    typealias File = (path: String, size: Int)

    private let files: [File]
    /// The number of packs, including partial files of interrupted fetches.
    let count: Int
    /// The total size in bytes, without the indexes.
    let size: Int

    /// - Parameter store: the path of the bare repository.
    init(in store: String) { self.init(packedIn: store + "/objects") }

    /// - Parameter objects: the path of the object directory.
    init(packedIn objects: String) {
        let folder = objects + "/pack"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            !$0.hasSuffix(".idx")
        }
        let sizes = names.map { Self.size(of: "\(folder)/\($0)") }
        files = zip(names, sizes).filter { $0.0.hasSuffix(".pack") }.map {
            ("\(folder)/\($0.dropLast(5))", $1)
        }
        (count, size) = (names.count, sizes.reduce(0, +))
    }

    var largestFirst: [File] { files.sorted { ($1.size, $0.path) < ($0.size, $1.path) } }

    private static func size(of file: String) -> Int {
        var status = stat()
        return stat(file, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// The modification times of pack directories: a cheap check for new packs.
struct PackTimestamps: Hashable, Sendable {
    private let dates: [Int]

    init(of directories: [String]) {
        dates = directories.map { directory in
            var status = stat()
            guard stat(directory + "/pack", &status) == 0 else { return 0 }
            return status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
        }
    }
}

/// A memory-mapped pack index in version 2, the only version that libgit2 and Git write
/// (https://git-scm.com/docs/gitformat-pack). Opening it takes constant time.
struct PackIndex: Sendable {
    private let bytes: Data
    /// The number of objects, which are sorted by id.
    let count: Int

    /// The offset of the ids: after the header and the fan-out table, which has for each first byte
    /// the number of ids with that or a lower one.
    private static let idsOffset = 8 + 1_024
    private var checksums: Int { Self.idsOffset + count * 20 }
    private var offsets: Int { Self.idsOffset + count * 24 }
    private var largeOffsets: Int { Self.idsOffset + count * 28 }

    init(at path: String) throws {
        bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard bytes.count >= Self.idsOffset + 40, bytes.starts(with: [0xFF, 0x74, 0x4F, 0x63, 0, 0, 0, 2])
        else {
            throw PackReader.CorruptPackError(message: "an index has an unknown format")
        }
        count = Self.uint32(of: bytes, at: Self.idsOffset - 4)
        guard bytes.count >= largeOffsets + 40 else {
            throw PackReader.CorruptPackError(message: "an index is truncated")
        }
    }

    /// Returns the position of an id in the sorted list; `nil` if the pack does not have the
    /// object.
    func number(of id: ObjectID) -> Int? {
        let first = Int(id.firstByte)
        var low = first == 0 ? 0 : Self.uint32(of: bytes, at: 8 + (first - 1) * 4)
        var high = min(Self.uint32(of: bytes, at: 8 + first * 4), count)
        while low < high {
            let middle = (low + high) / 2
            let middleID = self.id(middle)
            if middleID == id { return middle }
            if middleID < id { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// - Parameter number: the position, below `count`.
    func id(_ number: Int) -> ObjectID {
        let start = Self.idsOffset + number * 20
        return bytes.withUnsafeBytes { ObjectID(bytes: $0[start..<(start + 20)]) } ?? .zero
    }

    /// Returns the object's start offset in the pack.
    func start(_ number: Int) throws(PackReader.CorruptPackError) -> Int {
        let offset = Self.uint32(of: bytes, at: offsets + number * 4)
        guard offset >= 1 << 31 else { return offset }
        // From 2 GiB on, the value is an index into the table of 64-bit offsets.
        let tableOffset = largeOffsets + (offset - 1 << 31) * 8
        guard tableOffset + 8 <= bytes.count - 40, Self.uint32(of: bytes, at: tableOffset) < 1 << 31 else {
            throw PackReader.CorruptPackError(message: "an index has an invalid offset")
        }
        return Self.uint32(of: bytes, at: tableOffset) << 32 | Self.uint32(of: bytes, at: tableOffset + 4)
    }

    /// Returns the CRC-32 of the object's packed form.
    func checksum(_ number: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: Self.uint32(of: bytes, at: checksums + number * 4))
    }

    private static func uint32(of bytes: Data, at offset: Int) -> Int {
        bytes.withUnsafeBytes { $0[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
    }
}

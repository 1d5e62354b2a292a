import Digest
import Essentials
import SpacesModel

/// Writes a pack in version 2 (https://git-scm.com/docs/gitformat-pack). Replaces libgit2's
/// packbuilder, which creates no deltas to objects of the other side, searches for deltas among all
/// objects, and compresses at zlib's default level. That takes most of the time of pushing a few
/// hundred files and hardly reduces the size.
struct PackWriter: ~Copyable {
    private let output: any PackOutputStream
    private let hash = SHA1()
    private let deflater = Deflater(level: 4)

    /// - Parameter count: the number of objects that will be added.
    init(count: Int, into output: any PackOutputStream) throws {
        guard let count = UInt32(exactly: count) else { throw CocoaError(.fileWriteOutOfSpace) }
        let head = Array("PACK".utf8) + [0, 0, 0, 2] + withUnsafeBytes(of: count.bigEndian, Array.init)
        try Self.send(head, to: output)
        self.output = output
        hash.update(head)
    }

    /// Adds a complete object.
    mutating func add(_ type: ObjectType, _ bytes: UnsafeRawBufferPointer) throws {
        try write(Self.header(type.packed, bytes.count))
        try deflater.deflate(bytes) { try write($0) }
    }

    /// Adds an object as a delta to a base that the receiver has (`OBJ_REF_DELTA`).
    mutating func add(delta: [UInt8], over base: ObjectID) throws {
        try write(Self.header(7, delta.count))
        try write(base.bytes)
        try delta.withUnsafeBytes { try deflater.deflate($0) { try write($0) } }
    }

    /// Adds the packed form of an object from another pack.
    mutating func add(_ entry: PackReader.Entry) throws { try write(entry.bytes) }

    /// Writes the checksum at the end of the pack and returns it.
    @discardableResult consuming func finish() throws -> [UInt8] {
        let (output, checksum) = (output, hash.finalize())
        try Self.send(checksum, to: output)
        return checksum
    }

    /// Returns an object header: the type and four bits of the size, then seven bits per byte,
    /// least significant first.
    private static func header(_ type: Int, _ size: Int) -> [UInt8] {
        var (byte, remaining) = (UInt8(type << 4 | size & 0x0F), size >> 4)
        var bytes: [UInt8] = []
        while remaining > 0 {
            bytes.append(byte | 0x80)
            (byte, remaining) = (UInt8(remaining & 0x7F), remaining >> 7)
        }
        return bytes + [byte]
    }

    private func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        hash.update(bytes)
        try output.write(bytes)
    }

    private static func send(_ bytes: [UInt8], to output: any PackOutputStream) throws {
        try bytes.withUnsafeBytes { try output.write($0) }
    }
}

extension ObjectType {
    /// The type's number in a pack.
    fileprivate var packed: Int {
        switch self {
        case .commit: 1
        case .tree: 2
        case .blob: 3
        case .tag: 4
        case .unknown: 0
        }
    }
}

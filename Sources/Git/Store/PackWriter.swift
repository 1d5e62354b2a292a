import Digest
import Essentials
import SpacesModel

/// Writes a pack, version 2: https://git-scm.com/docs/gitformat-pack. libgit2's packbuilder makes no differences from
/// what the other side has, looks for others among all objects, and compresses at zlib's default level, which is most of
/// what the push of a few hundred files costs, and sends hardly less.
struct PackWriter: ~Copyable {
    private let sink: any PackOutputStream
    private let hash = SHA1()
    private let deflater = Deflater(level: 4)

    /// - Parameter count: of the objects that will be added.
    init(count: Int, into sink: any PackOutputStream) throws {
        guard let count = UInt32(exactly: count) else { throw CocoaError(.fileWriteOutOfSpace) }
        let head = Array("PACK".utf8) + [0, 0, 0, 2] + withUnsafeBytes(of: count.bigEndian, Array.init)
        try Self.send(head, to: sink)
        self.sink = sink
        hash.update(head)
    }

    /// An object as it is.
    mutating func add(_ type: ObjectType, _ bytes: UnsafeRawBufferPointer) throws {
        try write(Self.header(type.packed, bytes.count))
        try deflater.deflate(bytes) { try write($0) }
    }

    /// An object as its difference from another, which whoever reads the pack has (`OBJ_REF_DELTA`).
    mutating func add(delta: [UInt8], over base: ObjectID) throws {
        try write(Self.header(7, delta.count))
        try write(base.bytes)
        try delta.withUnsafeBytes { try deflater.deflate($0) { try write($0) } }
    }

    /// An object as it lies in another pack.
    mutating func add(_ entry: PackReader.Entry) throws { try write(entry.bytes) }

    consuming func finish() throws {
        let sink = sink
        try Self.send(hash.finalize(), to: sink)
    }

    /// The type and the size: four bits of it, then seven a byte, the lowest first.
    private static func header(_ type: Int, _ size: Int) -> [UInt8] {
        var (byte, rest) = (UInt8(type << 4 | size & 0x0F), size >> 4)
        var bytes: [UInt8] = []
        while rest > 0 {
            bytes.append(byte | 0x80)
            (byte, rest) = (UInt8(rest & 0x7F), rest >> 7)
        }
        return bytes + [byte]
    }

    private func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        hash.update(bytes)
        try sink.write(bytes)
    }

    private static func send(_ bytes: [UInt8], to sink: any PackOutputStream) throws {
        try bytes.withUnsafeBytes { try sink.write($0) }
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

import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// Which pointer stands for which blob, so that a binary is not read again by the next deploy: a file of the cache with
/// records of one length. Several processes may append to it at once; a record that is not whole is passed over.
final class LFSPointerCache: Sendable {
    private let path: String?
    let directory: String?
    private let maxCount: Int
    private let known = Mutex<[ObjectID: CachedLFSPointer]?>(nil)

    /// - Parameters:
    ///   - directory: of the cache; nil remembers within this process alone.
    ///   - most: records; beyond it the older half is forgotten. The default is 64 MiB of them.
    init(in directory: String?, maxCount: Int = 1 << 20) {
        self.directory = directory
        path = directory.map { $0 + "/lfs-pointers" }
        self.maxCount = maxCount
    }

    func pointers(of blobs: [ObjectID]) -> [ObjectID: CachedLFSPointer] {
        guard !blobs.isEmpty else { return [:] }
        return known.withLock { known in
            known = known ?? Self.read(path, maxCount)
            return Dictionary(blobs.compactMap { id in known?[id].map { (id, $0) } }) { first, _ in first }
        }
    }

    func remember(_ pointer: CachedLFSPointer, of blob: ObjectID) {
        let isNew = known.withLock { known in
            known = known ?? Self.read(path, maxCount)
            return known?.updateValue(pointer, forKey: blob) != pointer
        }
        if isNew, let path { Self.append(Record.bytes(blob, pointer), to: path) }
    }

    private static func read(_ path: String?, _ maxCount: Int) -> [ObjectID: CachedLFSPointer] {
        guard let path, let bytes = PlainFile.read(path, limit: 1 << 30) else { return [:] }
        let records = Record.parseAll(in: bytes)
        // Rewritten where it is too long, or where a write broke off: what is added must not stand askew.
        if records.count > maxCount || records.count * Record.length != bytes.count {
            let kept = records.suffix(records.count > maxCount ? maxCount / 2 : records.count)
            let whole = kept.flatMap { bytes[$0.start..<($0.start + Record.length)] }
            PlainFile.replace(path, with: whole)
        }
        return Dictionary(records.map { ($0.blob, $0.pointer) }) { $1 }
    }

    /// A cache that cannot be written costs a second reading, no more.
    private static func append(_ bytes: [UInt8], to path: String) {
        let file = PlainFile.open(path, O_WRONLY | O_APPEND | O_CREAT)
        guard file >= 0 else { return }
        _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}

/// 64 bytes: the blob's id (20), the object's id (32), its size (8, the highest first; the top bit: text) and the first
/// four bytes of the SHA-1 of all that and of the format's version.
private enum Record {
    static let length = 64

    static func bytes(_ blob: ObjectID, _ remembered: CachedLFSPointer) -> [UInt8] {
        let digits = Array(remembered.pointer.oid.utf8).compactMap(\.hexDigit)
        let hash = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        let size = UInt64(remembered.pointer.size) | (remembered.isBinary ? 0 : 1 << 63)
        let body =
            blob.bytes + hash + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * UInt64($0))) }
        return body + checksum(of: body)
    }

    /// With a version: records of the first one are of files that were not searched for private keys.
    private static func checksum(of body: [UInt8]) -> [UInt8] { Array(SHA1.hash(of: body + [2]).prefix(4)) }

    /// Those that are whole, each with where it begins. Behind one that broke off the next is looked for, a few times.
    static func parseAll(in bytes: [UInt8]) -> [(start: Int, blob: ObjectID, pointer: CachedLFSPointer)] {
        var (found, start, patience): ([(Int, ObjectID, CachedLFSPointer)], Int, Int) = ([], 0, 64 * length)
        found.reserveCapacity(bytes.count / length)
        while start + length <= bytes.count {
            if let (blob, pointer) = parse(bytes[start..<(start + length)]) {
                found.append((start, blob, pointer))
                start += length
            } else {
                start += patience > 0 ? 1 : length
                patience -= 1
            }
        }
        return found
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) -> (ObjectID, CachedLFSPointer)? {
        let body = bytes.dropLast(4)
        guard bytes.count == length, checksum(of: Array(body)).elementsEqual(bytes.suffix(4)) else {
            return nil
        }
        let size = body.suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard let blob = ObjectID(bytes: body.prefix(20)), let count = Int(exactly: size & ~(1 << 63)),
            let pointer = LFSPointer(oid: body.dropFirst(20).prefix(32).hex, size: count)
        else { return nil }
        return (blob, CachedLFSPointer(pointer, isBinary: size >> 63 == 0))
    }
}

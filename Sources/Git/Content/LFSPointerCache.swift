import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// A cache of LFS pointers by blob id, so that the next deploy does not read and hash the same
/// binaries again. It is a file of fixed-length records. Several processes may append to it
/// concurrently; incomplete records are skipped.
final class LFSPointerCache: Sendable {
    private let path: String?
    let directory: String?
    private let maxCount: Int
    private let entries = Mutex<[ObjectID: CachedLFSPointer]?>(nil)

    /// - Parameters:
    ///   - directory: the cache directory; `nil` caches within this process only.
    ///   - maxCount: the highest number of records; beyond it, the older half is removed. The
    ///     default is 64 MiB of records.
    init(in directory: String?, maxCount: Int = 1 << 20) {
        self.directory = directory
        path = directory.map { $0 + "/lfs-pointers" }
        self.maxCount = maxCount
    }

    func pointers(of blobs: [ObjectID]) -> [ObjectID: CachedLFSPointer] {
        guard !blobs.isEmpty else { return [:] }
        return entries.withLock { entries in
            entries = entries ?? Self.read(path, maxCount)
            return Dictionary(blobs.compactMap { id in entries?[id].map { (id, $0) } }) { first, _ in first }
        }
    }

    func remember(_ pointer: CachedLFSPointer, of blob: ObjectID) {
        let isNew = entries.withLock { entries in
            entries = entries ?? Self.read(path, maxCount)
            return entries?.updateValue(pointer, forKey: blob) != pointer
        }
        if isNew, let path { Self.append(Record.bytes(blob, pointer), to: path) }
    }

    private static func read(_ path: String?, _ maxCount: Int) -> [ObjectID: CachedLFSPointer] {
        guard let path, let bytes = PlainFile.read(path, limit: 1 << 30) else { return [:] }
        let records = Record.parseAll(in: bytes)
        // Rewritten if it is too long or if a write was interrupted: appended records must stay
        // aligned.
        if records.count > maxCount || records.count * Record.length != bytes.count {
            let retained = records.suffix(records.count > maxCount ? maxCount / 2 : records.count)
            let contents = retained.flatMap { bytes[$0.start..<($0.start + Record.length)] }
            PlainFile.replace(path, with: contents)
        }
        return Dictionary(records.map { ($0.blob, $0.pointer) }) { $1 }
    }

    /// Appends one record. Errors are ignored: a missing record only costs reading the blob again.
    private static func append(_ bytes: [UInt8], to path: String) {
        let file = PlainFile.open(path, O_WRONLY | O_APPEND | O_CREAT)
        guard file >= 0 else { return }
        _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}

/// A record of 64 bytes: the blob's id (20), the LFS object's id (32), its size (8, big-endian; the
/// top bit is set for text) and the first four bytes of the SHA-1 of all that and of the format's
/// version.
private enum Record {
    static let length = 64

    static func bytes(_ blob: ObjectID, _ cached: CachedLFSPointer) -> [UInt8] {
        let digits = Array(cached.pointer.oid.utf8).compactMap(\.hexDigit)
        let hash = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        let size = UInt64(cached.pointer.size) | (cached.isBinary ? 0 : 1 << 63)
        let body =
            blob.bytes + hash + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * UInt64($0))) }
        return body + checksum(of: body)
    }

    /// Returns the checksum, which includes the format's version: records of version 1 belong to
    /// files that were not scanned for private keys.
    private static func checksum(of body: [UInt8]) -> [UInt8] { Array(SHA1.hash(of: body + [2]).prefix(4)) }

    /// Returns the complete records, each with its start offset. After an incomplete record,
    /// searches for the next valid one byte by byte, up to 64 records' length in total.
    static func parseAll(in bytes: [UInt8]) -> [(start: Int, blob: ObjectID, pointer: CachedLFSPointer)] {
        var (found, start, remainingTries): ([(Int, ObjectID, CachedLFSPointer)], Int, Int) = (
            [], 0, 64 * length
        )
        found.reserveCapacity(bytes.count / length)
        while start + length <= bytes.count {
            if let (blob, pointer) = parse(bytes[start..<(start + length)]) {
                found.append((start, blob, pointer))
                start += length
            } else {
                start += remainingTries > 0 ? 1 : length
                remainingTries -= 1
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

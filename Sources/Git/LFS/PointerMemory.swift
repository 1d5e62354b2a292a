import Deploy
import Digest
import Foundation
import Synchronization

/// Which pointer stands for which blob, so that a binary is not read again by the next deploy: a file of the cache with
/// records of one length. Several processes may append to it at once; a record that is not whole is passed over.
final class PointerMemory: Sendable {
    private let path: String?
    private let known = Mutex<[ObjectID: RememberedPointer]?>(nil)

    /// - Parameter directory: of the cache; nil remembers within this process alone.
    init(in directory: String?) { path = directory.map { $0 + "/lfs-pointers" } }

    func pointers(of blobs: [ObjectID]) -> [ObjectID: RememberedPointer] {
        guard !blobs.isEmpty else { return [:] }
        return known.withLock { known in
            known = known ?? Self.read(path)
            return Dictionary(blobs.compactMap { id in known?[id].map { (id, $0) } }) { first, _ in first }
        }
    }

    func remember(_ pointer: RememberedPointer, of blob: ObjectID) {
        let isNew = known.withLock { known in
            known = known ?? Self.read(path)
            return known?.updateValue(pointer, forKey: blob) != pointer
        }
        if isNew, let path { Self.append(Record.bytes(blob, pointer), to: path) }
    }

    /// 64 MiB of them: beyond it the older half is forgotten.
    private static let limit = 1 << 20

    private static func read(_ path: String?) -> [ObjectID: RememberedPointer] {
        guard let path, let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return [:] }
        let bytes = [UInt8](data)
        let starts = stride(from: 0, through: bytes.count - Record.length, by: Record.length)
        var all: [ObjectID: RememberedPointer] = [:]
        for start in starts {
            guard let (blob, pointer) = Record.read(bytes[start..<(start + Record.length)]) else { continue }
            all[blob] = pointer
        }
        // Rewritten where it is too long, or where a write broke off and what follows stands askew.
        if starts.underestimatedCount > limit || bytes.count % Record.length != 0 {
            let kept =
                bytes.count > limit * Record.length ? bytes.suffix(limit / 2 * Record.length) : bytes[...]
            let whole = kept.prefix(kept.count / Record.length * Record.length)
            try? Data(whole).write(to: URL(fileURLWithPath: path), options: .atomic)
        }
        return all
    }

    /// A cache that cannot be written costs a second reading, no more.
    private static func append(_ bytes: [UInt8], to path: String) {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}

/// 64 bytes: the blob's id (20), the object's id (32), its size (8, the highest first; the top bit: text) and the first
/// four bytes of the SHA-1 of all that.
private enum Record {
    static let length = 64

    static func bytes(_ blob: ObjectID, _ remembered: RememberedPointer) -> [UInt8] {
        let digits = Array(remembered.pointer.oid.utf8).compactMap(\.hexDigit)
        let hash = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        let size = UInt64(remembered.pointer.size) | (remembered.isBinary ? 0 : 1 << 63)
        let body =
            blob.bytes + hash + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * UInt64($0))) }
        return body + SHA1.hash(of: body).prefix(4)
    }

    static func read(_ bytes: ArraySlice<UInt8>) -> (ObjectID, RememberedPointer)? {
        let body = bytes.dropLast(4)
        guard bytes.count == length, SHA1.hash(of: body).prefix(4).elementsEqual(bytes.suffix(4)) else {
            return nil
        }
        let size = body.suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard let blob = ObjectID(bytes: body.prefix(20)), let count = Int(exactly: size & ~(1 << 63)),
            let pointer = LFSPointer(oid: body.dropFirst(20).prefix(32).hex, size: count)
        else { return nil }
        return (blob, RememberedPointer(pointer, isBinary: size >> 63 == 0))
    }
}

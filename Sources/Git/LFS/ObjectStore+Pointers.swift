import Deploy
import Digest

extension ObjectStore {
    package func rememberedPointers(of blobs: [ObjectID]) -> [ObjectID: RememberedPointer] {
        pointers.pointers(of: blobs)
    }

    package func pointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool
    ) throws(Failure) -> LFSPointer {
        if let known = pointers.pointers(of: [blob])[blob], known.isBinary || !isBinary {
            return known.pointer
        }
        let pointer = if let bytes { LFSPointer(of: bytes.span.bytes) } else { try read(blob) }
        guard let pointer else { throw Failure(.internalFault, "no pointer can be made of \(blob)") }
        pointers.remember(RememberedPointer(pointer, isBinary: isBinary), of: blob)
        return pointer
    }

    /// Hashes it where libgit2 has it, without a copy.
    private func read(_ blob: ObjectID) throws(Failure) -> LFSPointer? {
        do throws(GitError) {
            return try store.database.withContent(of: blob) { LFSPointer(of: $0.bytes) }
        } catch { throw unreadable(blob, error) }
    }
}

extension LFSPointer {
    /// To this content.
    init?(of content: RawSpan) {
        let hash = SHA256()
        content.withUnsafeBytes { hash.update($0) }
        self.init(oid: hash.finalize().hex, size: content.byteCount)
    }
}

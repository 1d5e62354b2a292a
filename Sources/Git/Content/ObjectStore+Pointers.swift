import Digest
import SpacesModel
import Synchronization
import TextTools

/// Lets only one of several parallel deploys hold a large file in memory. Waiting for it blocks the
/// store's own thread.
private let largeFileLock = Mutex(())

extension ObjectStore {
    package func cachedPointers(of blobs: [ObjectID]) -> [ObjectID: CachedLFSPointer] {
        pointers.pointers(of: blobs)
    }

    package func pointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool
    ) throws(DeployError) -> LFSPointer {
        try pointer(to: blob, bytes, isBinary: isBinary, caches: true)
    }

    package func uncachedPointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool
    ) throws(DeployError) -> LFSPointer {
        try pointer(to: blob, bytes, isBinary: isBinary, caches: false)
    }

    private func pointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool, caches: Bool
    ) throws(DeployError) -> LFSPointer {
        if let cached = pointers.pointers(of: [blob])[blob], cached.isBinary || !isBinary {
            return cached.pointer
        }
        let computed =
            if let bytes { ComputedPointer(bytes.span.bytes) } else { try self.makePointer(of: blob) }
        guard let computed, let pointer = computed.pointer else {
            throw DeployError(.internalError, "no pointer can be made of \(blob)")
        }
        // A pointer file stays as it is and must not be cached as if it were content.
        guard computed.isContent, caches else { return pointer }
        pointers.remember(CachedLFSPointer(pointer, isBinary: isBinary), of: blob)
        return pointer
    }

    private func makePointer(of blob: ObjectID) throws(DeployError) -> ComputedPointer? {
        guard try size(of: blob) > LargeObject.limit else { return try hashInMemory(blob) }
        let streamed = try largeFileLock.withLock { (_) throws(DeployError) in try pointer(toLarge: blob) }
        return if let streamed { ComputedPointer(streamed) } else { try hashInMemory(blob) }
    }

    /// Hashes the blob in libgit2's memory, without a copy.
    private func hashInMemory(_ blob: ObjectID) throws(DeployError) -> ComputedPointer? {
        do throws(GitError) {
            return try largeFileLock.withLock { (_) throws(GitError) in
                try store.database.withContent(of: blob) { ComputedPointer($0.bytes) }
            }
        } catch { throw unreadable(blob, error) }
    }
}

/// The LFS pointer to some bytes. Bytes that already are a pointer file are parsed instead.
private struct ComputedPointer {
    let pointer: LFSPointer?
    let isContent: Bool

    /// Wraps the pointer to content that is too long to be a pointer file itself.
    init(_ pointer: LFSPointer?) { (self.pointer, isContent) = (pointer, true) }

    init(_ bytes: RawSpan) {
        let start = bytes.withUnsafeBytes { Array($0.prefix(LFSPointer.maxSize)) }
        let parsed = bytes.byteCount < LFSPointer.maxSize ? LFSPointer(start) : nil
        (pointer, isContent) = (parsed ?? LFSPointer(of: bytes), parsed == nil)
    }
}

extension LFSPointer {
    /// Computes the pointer to this content.
    init?(of content: RawSpan) {
        let hash = SHA256()
        content.withUnsafeBytes { hash.update($0) }
        self.init(oid: hash.finalize().hex, size: content.byteCount)
    }
}

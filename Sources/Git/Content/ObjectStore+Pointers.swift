import Digest
import SpacesModel
import Synchronization
import TextTools

/// Of several deploys of a run one at a time holds a large file in memory. Waiting for it holds the store's own thread.
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
        if let known = pointers.pointers(of: [blob])[blob], known.isBinary || !isBinary {
            return known.pointer
        }
        let made = if let bytes { ComputedPointer(bytes.span.bytes) } else { try self.makePointer(of: blob) }
        guard let made, let pointer = made.pointer else {
            throw DeployError(.internalError, "no pointer can be made of \(blob)")
        }
        // A pointer is not pointed to, and nothing of it is to be remembered as if it were content.
        guard made.isContent, caches else { return pointer }
        pointers.remember(CachedLFSPointer(pointer, isBinary: isBinary), of: blob)
        return pointer
    }

    private func makePointer(of blob: ObjectID) throws(DeployError) -> ComputedPointer? {
        guard try size(of: blob) > LargeObject.limit else { return try hashInMemory(blob) }
        let streamed = try largeFileLock.withLock { (_) throws(DeployError) in try pointer(toLarge: blob) }
        return if let streamed { ComputedPointer(streamed) } else { try hashInMemory(blob) }
    }

    /// Hashes it where libgit2 has it, without a copy.
    private func hashInMemory(_ blob: ObjectID) throws(DeployError) -> ComputedPointer? {
        do throws(GitError) {
            return try largeFileLock.withLock { (_) throws(GitError) in
                try store.database.withContent(of: blob) { ComputedPointer($0.bytes) }
            }
        } catch { throw unreadable(blob, error) }
    }
}

/// The pointer that stands for some bytes; bytes that are a pointer stand for themselves.
private struct ComputedPointer {
    let pointer: LFSPointer?
    let isContent: Bool

    /// To content that is too long to be a pointer itself.
    init(_ pointer: LFSPointer?) { (self.pointer, isContent) = (pointer, true) }

    init(_ bytes: RawSpan) {
        let start = bytes.withUnsafeBytes { Array($0.prefix(LFSPointer.maxSize)) }
        let written = bytes.byteCount < LFSPointer.maxSize ? LFSPointer(start) : nil
        (pointer, isContent) = (written ?? LFSPointer(of: bytes), written == nil)
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

import Digest
import SpacesModel
import Synchronization
import TextTools

/// Of several deploys of a run one at a time holds a large file in memory. Waiting for it holds the store's own thread.
private let reading = Mutex(())

extension ObjectStore {
    package func rememberedPointers(of blobs: [ObjectID]) -> [ObjectID: RememberedPointer] {
        pointers.pointers(of: blobs)
    }

    package func pointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool
    ) throws(Failure) -> LFSPointer {
        try pointer(to: blob, bytes, isBinary: isBinary, remembers: true)
    }

    package func passingPointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool
    ) throws(Failure) -> LFSPointer {
        try pointer(to: blob, bytes, isBinary: isBinary, remembers: false)
    }

    private func pointer(
        to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool, remembers: Bool
    ) throws(Failure) -> LFSPointer {
        if let known = pointers.pointers(of: [blob])[blob], known.isBinary || !isBinary {
            return known.pointer
        }
        let made = if let bytes { Pointing(bytes.span.bytes) } else { try self.made(of: blob) }
        guard let made, let pointer = made.pointer else {
            throw Failure(.internalFault, "no pointer can be made of \(blob)")
        }
        // A pointer is not pointed to, and nothing of it is to be remembered as if it were content.
        guard made.isContent, remembers else { return pointer }
        pointers.remember(RememberedPointer(pointer, isBinary: isBinary), of: blob)
        return pointer
    }

    private func made(of blob: ObjectID) throws(Failure) -> Pointing? {
        guard try size(of: blob) > LargeObject.limit else { return try read(blob) }
        let streamed = try reading.withLock { (_) throws(Failure) in try pointer(toLarge: blob) }
        return if let streamed { Pointing(streamed) } else { try read(blob) }
    }

    /// Hashes it where libgit2 has it, without a copy.
    private func read(_ blob: ObjectID) throws(Failure) -> Pointing? {
        do throws(GitError) {
            return try reading.withLock { (_) throws(GitError) in
                try store.database.withContent(of: blob) { Pointing($0.bytes) }
            }
        } catch { throw unreadable(blob, error) }
    }
}

/// The pointer that stands for some bytes; bytes that are a pointer stand for themselves.
private struct Pointing {
    let pointer: LFSPointer?
    let isContent: Bool

    /// To content that is too long to be a pointer itself.
    init(_ pointer: LFSPointer?) { (self.pointer, isContent) = (pointer, true) }

    init(_ bytes: RawSpan) {
        let start = bytes.withUnsafeBytes { Array($0.prefix(LFSPointer.limit)) }
        let written = bytes.byteCount < LFSPointer.limit ? LFSPointer(start) : nil
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

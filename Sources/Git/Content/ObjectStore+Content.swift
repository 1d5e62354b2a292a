internal import CGit2
import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// Large blobs are read in pieces: from the file that stores them or, if they are stored as a
/// delta, from a temporary file with the resolved content.
extension ObjectStore {
    /// The largest blob, in bytes, that is read into memory as a whole.
    static let inMemoryLimit = 32 << 20

    package func content(ofLarge blob: ObjectID) throws(DeployError) -> ObjectContent {
        if try size(of: blob) > LargeObject.limit, let content = try streamedContent(blob) { return content }
        do throws(GitError) { return ObjectContent(try BlobBuffer(blob, in: store.database)) } catch {
            throw unreadable(blob, error)
        }
    }

    /// - Returns: `nil` for an object that was written in this run and exists only in memory.
    func streamedContent(_ blob: ObjectID) throws(DeployError) -> ObjectContent? {
        do {
            guard let object = try LargeObject.find(blob, in: directories) else { return nil }
            guard !object.deltas.isEmpty else { return ObjectContent(object.run) }
            let base = ObjectContent(object.run)
            let spool = try SpoolFile(in: pointers.directory ?? temporaryDirectory(), for: base.size)
            guard spool.copy(base) else { throw spool.failure ?? unreadable(blob, "it is truncated") }
            var content = spool.content
            for delta in object.deltas.reversed() {
                content = try DeltaApplication.run(
                    delta, over: content, in: pointers.directory ?? temporaryDirectory())
            }
            return content
        } catch { throw unreadable(blob, error) }
    }

    private func unreadable(_ blob: ObjectID, _ error: any Error) -> DeployError {
        if let deployError = error as? DeployError { return deployError }
        return unreadable(blob, (error as? PackReader.CorruptPackError)?.message ?? "\(error)")
    }

    func unreadable(_ blob: ObjectID, _ detail: String) -> DeployError {
        DeployError(
            .source, "object \(blob) cannot be read", details: [detail],
            hint: "run git fsck to check the repository; git repack -a -d -f stores the object again")
    }

    /// Returns the LFS pointer to a large blob. Verifies the content against the blob's id.
    func pointer(toLarge blob: ObjectID) throws(DeployError) -> LFSPointer? {
        guard let content = try streamedContent(blob) else { return nil }
        let blobHash = SHA1()
        let hash = SHA256()
        blobHash.update(Array("blob \(content.size)".utf8) + [0])
        let isComplete = content.forEachChunk {
            blobHash.update($0)
            hash.update($0)
            return true
        }
        guard isComplete, blobHash.finalize() == blob.bytes else { throw unreadable(blob, "it is damaged") }
        return LFSPointer(oid: hash.finalize().hex, size: content.size)
    }

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
            throw DeployError(.internalError, "cannot create an LFS pointer for \(blob)")
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
                ComputedPointer(try store.database.borrow(blob).bytes.bytes)
            }
        } catch { throw unreadable(blob, error) }
    }

    /// Writes a tree with all its subtrees into a new directory, with modes and symbolic links as
    /// Git stores them. Every blob must be present; the largest is held in memory once.
    /// - Parameters:
    ///   - pointed: files that are not LFS files in the source, by the blobs of their pointers:
    ///     their original content is written.
    ///   - fill: called with the directory and the paths of the other pointers in it, to write the
    ///     objects they point to.
    /// - Throws: kind `usage` for a path that cannot be written, `source` for an object that cannot
    ///   be read, `refused` for names that have a special meaning to Git or a file system,
    ///   `interrupted`.
    package func export(
        _ tree: ObjectID, to directory: ExportDirectory, pointed: [ObjectID: LFSFile] = [:],
        filling fill: (String, [LFSFile]) async throws(DeployError) -> [MissingLFSObject] = {
            (_, _) async throws(DeployError) in []
        }
    ) async throws(DeployError) -> ExportResult {
        var writer = TreeCheckout(
            entries: { (tree) throws(DeployError) in try self.entries(of: tree) },
            copy: { (blob, file) throws(DeployError) in
                var blob = blob
                if case .blob(let origin)? = pointed[blob]?.content { blob = origin }
                return try self.copy(blob, to: file)
            },
            target: { (blob) throws(DeployError) in try self.content(of: blob) })
        return try await directory.fill { (folder) async throws(DeployError) in
            try writer.write(tree, to: folder)
            var exported = writer.exported
            guard !exported.pointers.isEmpty else { return exported }
            exported.missing = try await fill(folder, exported.pointers)
            let missing = Set(exported.missing.map(\.file))
            for file in exported.pointers where !missing.contains(file) {
                exported.bytes = exported.bytes.addingClamped(file.pointer.size)
            }
            return exported
        }
    }

    /// Writes a blob directly from libgit2's buffer, without a second copy. A size of -1 means that
    /// the file could not be written (`errno`).
    private func copy(_ blob: ObjectID, to file: Int32) throws(DeployError) -> TreeCheckout.BlobCopy {
        if try size(of: blob) > LargeObject.limit, let content = try streamedContent(blob) {
            var isUnwritable = false
            let isComplete = content.forEachChunk {
                isUnwritable = !$0.writeAll(to: file)
                return !isUnwritable
            }
            guard isComplete || isUnwritable else { throw unreadable(blob, "it is truncated") }
            return TreeCheckout.BlobCopy(size: isComplete ? content.size : -1)
        }
        do throws(GitError) {
            let object = try store.database.borrow(blob)
            guard object.bytes.writeAll(to: file) else { return TreeCheckout.BlobCopy(size: -1) }
            return TreeCheckout.BlobCopy(size: object.bytes.count, pointer: LFSPointer(object.bytes))
        } catch { throw unreadable(blob, error) }
    }
}

extension ObjectContent {
    /// Calls `body` with each chunk of the content, in order.
    /// - Returns: false if the content cannot be read to its end, or `body` returned false.
    func forEachChunk(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < size {
            let count = read(at: offset, into: buffer)
            guard count > 0, body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return false }
            offset += count
        }
        return true
    }
}

/// Lets only one of several parallel deploys hold a large file in memory. Waiting for it blocks the
/// store's own thread.
private let largeFileLock = Mutex(())

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

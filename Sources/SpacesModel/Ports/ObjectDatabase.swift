/// A database of Git objects by id: objects of the source, of the Space as far as they were
/// fetched, and those written in this run. Written objects stay in memory until a push sends them.
package protocol ObjectDatabase: Sendable {
    /// Returns the entries of a tree, in Git's order.
    func entries(of tree: ObjectID) async throws(DeployError) -> [TreeEntry]
    /// Returns the limit of `TreeLimit` that a tree exceeds, measured without expanding it; `nil` if none.
    /// - Throws: `DeployError` of kind `source` with the path if a tree cannot be read.
    func exceededLimit(of tree: ObjectID) async throws(DeployError) -> TreeLimitError?
    /// Returns whether Git would write the tree with different bytes, because its modes have
    /// leading zeros or were written by old tools.
    func isNonCanonical(_ tree: ObjectID) async throws(DeployError) -> Bool
    /// Whether any of the trees read so far is non-canonical.
    var hasNonCanonicalTrees: Bool { get async }
    /// Whether any of the trees read so far contains a submodule.
    var hasSubmodules: Bool { get async }
    /// Returns the complete content of a blob.
    func content(of blob: ObjectID) async throws(DeployError) -> [UInt8]
    /// Returns the first of these blobs, in order: as many as fit into `budget` bytes together, but
    /// at least one. Reading in batches is faster, as each call costs more than the reading itself.
    /// - Parameter maxSize: The maximum size in bytes; of larger blobs only the size is returned.
    func readBlobs(of blobs: ArraySlice<ObjectID>, maxSize: Int, budget: Int) async throws(DeployError)
        -> [BlobContent]
    /// Returns the size of a blob in bytes, without reading its content.
    func size(of blob: ObjectID) async throws(DeployError) -> Int
    /// Returns the cached pointers of those blobs that this run or an earlier one has converted.
    /// These blobs need not be read again.
    func cachedPointers(of blobs: [ObjectID]) async -> [ObjectID: CachedLFSPointer]
    /// Returns the LFS pointer for a blob's content, and caches it. For a blob that is a pointer
    /// file itself, returns that pointer.
    /// - Parameters:
    ///   - bytes: The content, if it was just read.
    ///   - isBinary: Whether the blob is stored with LFS regardless of the attributes.
    func pointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool) async throws(DeployError) -> LFSPointer
    /// Returns the LFS pointer for a blob without caching it, if the content was not scanned for
    /// credentials or contains some. The next run then scans it again.
    func uncachedPointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool) async throws(DeployError)
        -> LFSPointer
    /// Returns whether the object is in the database.
    func contains(_ id: ObjectID) async -> Bool

    func write(blob: [UInt8]) async throws(DeployError) -> ObjectID
    /// Writes a tree in Git's order. Entries may refer to blobs that are only on the Space.
    /// - Throws: `DeployError` of kind `refused` for a name that Git, NTFS or HFS would interpret
    ///   differently (`.git`, `..`, a name with a slash …).
    func write(tree: [TreeEntry]) async throws(DeployError) -> ObjectID
    func write(commit: CommitDraft) async throws(DeployError) -> ObjectID

    // History. Only commits in the database are read.

    /// Returns the newest of these commits that is `tip` or an ancestor of it; `nil` if there is none.
    /// - Throws: `DeployError` of kind `source` with a hint if the history of `tip` is truncated
    ///   (shallow clone).
    func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) async throws(DeployError) -> ObjectID?
    /// Returns the commits reachable from `tip` but not from any commit of `bases`, oldest first:
    /// parents before children.
    func commits(from tip: ObjectID, beyond bases: [ObjectID]) async throws(DeployError) -> [Commit]
    /// Returns the newest commits reachable from `tip`, beginning with `tip`, at most `limit`;
    /// fewer if the history is truncated.
    func newestCommits(from tip: ObjectID, limit: Int) async -> [Commit]
    func commit(_ id: ObjectID) async throws(DeployError) -> Commit

    /// Merges two versions of a text that have a common base, line by line, as Git does.
    /// - Returns: `nil` if both changed the same lines, or if one of them is not text.
    func merged(_ ours: [UInt8], _ theirs: [UInt8], from base: [UInt8]) async throws(DeployError) -> [UInt8]?
    /// Returns a binary patch as written by `git diff --binary`, from the line `GIT binary patch`
    /// on.
    func binaryPatch(from old: [UInt8], to new: [UInt8]) async throws(DeployError) -> [UInt8]
}

extension ObjectDatabase {
    /// Reads blobs in batches of `BlobContent.budget` bytes, and calls `body` with each and its index.
    /// - Parameter maxSize: of a blob that is read; of larger ones only the size is known.
    package func forEachBlob(
        _ blobs: [ObjectID], maxSize: Int, _ body: (Int, BlobContent) -> Void
    ) async throws(DeployError) {
        var next = 0
        while next < blobs.count {
            let batch = try await readBlobs(
                of: blobs[next...], maxSize: maxSize, budget: BlobContent.budget)
            guard !batch.isEmpty else { return }
            for (index, blob) in zip(blobs.indices[next...], batch) { body(index, blob) }
            next += batch.count
        }
    }

    package func uncachedPointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool)
        async throws(DeployError)
        -> LFSPointer
    {
        try await pointer(to: blob, bytes, isBinary: isBinary)
    }
}

/// Defaults for databases that contain only trees written by spacesync.
extension ObjectDatabase {
    package func exceededLimit(of tree: ObjectID) async throws(DeployError) -> TreeLimitError? { nil }
    package func isNonCanonical(_ tree: ObjectID) async throws(DeployError) -> Bool { false }
    package var hasNonCanonicalTrees: Bool { get async { false } }
    package var hasSubmodules: Bool { get async { true } }
}

/// The size and content of a blob.
package struct BlobContent: Hashable, Sendable {
    /// The size in bytes.
    package var size: Int
    /// The content; `nil` if the blob was too large to be read.
    package var bytes: [UInt8]?

    package init(size: Int, bytes: [UInt8]?) { (self.size, self.bytes) = (size, bytes) }

    /// The number of bytes read per batch.
    package static let budget = 1 << 20
}

/// A cached LFS pointer of a blob.
package struct CachedLFSPointer: Hashable, Sendable {
    package var pointer: LFSPointer
    /// Whether the blob is stored with LFS regardless of the attributes, because it is binary or too large.
    package var isBinary: Bool

    package init(_ pointer: LFSPointer, isBinary: Bool) {
        (self.pointer, self.isBinary) = (pointer, isBinary)
    }
}

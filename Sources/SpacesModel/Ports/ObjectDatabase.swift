/// Git objects by id: the source's, the Space's as far as they were fetched, and those written in this run, as one.
/// What is written stays in memory until a push sends it.
package protocol ObjectDatabase: Sendable {
    /// The entries of a tree, in Git's order.
    func entries(of tree: ObjectID) async throws(DeployError) -> [TreeEntry]
    /// The limit of `TreeLimit` that a tree exceeds, measured without expanding it; nil if none.
    /// - Throws: kind `source` for a tree that cannot be read, with its path.
    func exceededLimit(of tree: ObjectID) async throws(DeployError) -> TreeLimitError?
    /// Whether Git would write a tree with other bytes: its modes have zeros in front, or are those of old tools.
    func isNonCanonical(_ tree: ObjectID) async throws(DeployError) -> Bool
    /// Whether any of the trees read so far is such a tree.
    var hasNonCanonicalTrees: Bool { get async }
    /// Whether any of the trees read so far has a submodule in it.
    var hasSubmodules: Bool { get async }
    /// A blob's whole content.
    func content(of blob: ObjectID) async throws(DeployError) -> [UInt8]
    /// The first of these blobs, in order: as many as together hold up to `budget` bytes, and at least one. To ask one
    /// by one would cost more than the reading.
    /// - Parameter largest: of a blob beyond so many bytes only the size is told.
    func readBlobs(of blobs: ArraySlice<ObjectID>, maxSize: Int, budget: Int) async throws(DeployError)
        -> [BlobContent]
    /// A blob's size in bytes, without reading its content.
    func size(of blob: ObjectID) async throws(DeployError) -> Int
    /// Pointers that were made of these blobs before, by this run or another: they need not be read again.
    func cachedPointers(of blobs: [ObjectID]) async -> [ObjectID: CachedLFSPointer]
    /// The pointer that stands for a blob by LFS; remembered. A blob that is a pointer stands for itself.
    /// - Parameters:
    ///   - bytes: its content, where it was just read.
    ///   - isBinary: it is known to go by LFS whatever the attributes say.
    func pointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool) async throws(DeployError) -> LFSPointer
    /// The same for content that was not searched for credentials, or has some: it is not remembered, so that the next
    /// run searches it again.
    func uncachedPointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool) async throws(DeployError)
        -> LFSPointer
    /// Whether the object is at hand.
    func contains(_ id: ObjectID) async -> Bool

    func write(blob: [UInt8]) async throws(DeployError) -> ObjectID
    /// Writes a tree, sorted as Git sorts. Entries may name blobs that are not at hand (they are on the Space).
    /// - Throws: kind `refused` when a name is one that Git, NTFS or HFS would twist (`.git`, `..`, a slash …).
    func write(tree: [TreeEntry]) async throws(DeployError) -> ObjectID
    func write(commit: CommitDraft) async throws(DeployError) -> ObjectID

    // History: only commits that are in the database are read.

    /// The newest of these commits that is `tip` or one of its ancestors; nil when none is.
    /// - Throws: kind `source` when the history of `tip` breaks off (a shallow clone), with what to do.
    func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) async throws(DeployError) -> ObjectID?
    /// The commits from `tip` down to which no commit of `bases` leads, oldest first: parents before children.
    func commits(from tip: ObjectID, beyond bases: [ObjectID]) async throws(DeployError) -> [Commit]
    /// The newest commits that `tip` leads to, itself first, at most `limit`; fewer where the history breaks off.
    func newestCommits(from tip: ObjectID, limit: Int) async -> [Commit]
    func commit(_ id: ObjectID) async throws(DeployError) -> Commit

    /// Merges two versions of a text that have a common base, line by line, as Git does.
    /// - Returns: `nil` if both changed the same lines, or if one of them is not text.
    func merged(_ ours: [UInt8], _ theirs: [UInt8], from base: [UInt8]) async throws(DeployError) -> [UInt8]?
    /// A binary patch as `git diff --binary` writes it, from the line `GIT binary patch` on.
    func binaryPatch(from old: [UInt8], to new: [UInt8]) async throws(DeployError) -> [UInt8]
}

extension ObjectDatabase {
    package func uncachedPointer(to blob: ObjectID, _ bytes: [UInt8]?, isBinary: Bool)
        async throws(DeployError)
        -> LFSPointer
    {
        try await pointer(to: blob, bytes, isBinary: isBinary)
    }
}

/// Of a store that holds nobody's trees but our own.
extension ObjectDatabase {
    package func exceededLimit(of tree: ObjectID) async throws(DeployError) -> TreeLimitError? { nil }
    package func isNonCanonical(_ tree: ObjectID) async throws(DeployError) -> Bool { false }
    package var hasNonCanonicalTrees: Bool { get async { false } }
    package var hasSubmodules: Bool { get async { true } }
}

/// A blob as it was read for a look.
package struct BlobContent: Hashable, Sendable {
    /// In bytes.
    package var size: Int
    /// nil for what was too large to be read.
    package var bytes: [UInt8]?

    package init(size: Int, bytes: [UInt8]?) { (self.size, self.bytes) = (size, bytes) }

    /// How much is read at a time, in bytes.
    package static let budget = 1 << 20
}

/// What is known of a blob that went by LFS before.
package struct CachedLFSPointer: Hashable, Sendable {
    package var pointer: LFSPointer
    /// It goes by LFS whatever the attributes say: it is binary, or too large.
    package var isBinary: Bool

    package init(_ pointer: LFSPointer, isBinary: Bool) {
        (self.pointer, self.isBinary) = (pointer, isBinary)
    }
}

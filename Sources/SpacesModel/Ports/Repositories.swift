/// The repository that is deployed. It is read at one commit and never changed.
package protocol SourceRepository: Sendable {
    /// Returns the commit of a branch, tag or commit id, which is looked up locally and then at
    /// `origin`; of `HEAD` if `revision` is `nil`.
    /// - Throws: `DeployError` of kind `source` or `permissionDenied` that names the repository and
    ///   lists its refs.
    func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot
    /// Discards cached references, so that the next call asks the server again.
    func forget() async
    /// Returns the URLs of the repository's remotes; empty for a URL source.
    func remoteAddresses() async -> [String]
    /// Returns whether the source's own history is known to contain this commit.
    func contains(commit: ObjectID) async -> Bool
    /// Returns whether the source or its server has this commit. May send requests to the server.
    func lookUp(commit: ObjectID) async -> CommitPresence
    /// Returns commits reachable from the tips, at most `limit` per tip, without trees or files:
    /// from the source itself or its server. Empty if it does not have the first tip; the other tips
    /// may be missing.
    func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit]
    /// Fetches all available objects reachable from a commit of a snapshot, so that the commit can
    /// be pushed unchanged.
    func fetchHistory(of commit: ObjectID) async throws(DeployError)
    /// Returns the files at a path of the caller's own working tree in their present state, tracked
    /// or not: the files below a directory (except those in `.git`), or the single file. Empty if
    /// nothing exists at the path.
    /// - Throws: `DeployError` of kind `settings` if there is no such working tree, `source` if a
    ///   file cannot be read.
    func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile]
    func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8]
}

extension SourceRepository {
    /// Does nothing by default: a local repository is read again each time.
    package func forget() async {}

    package func remoteAddresses() async -> [String] { [] }

    package func lookUp(commit: ObjectID) async -> CommitPresence {
        await contains(commit: commit) ? .present : .absent
    }

    package func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] { [] }
}

/// A file or symbolic link of a working tree.
package struct WorkTreeFile: Hashable, Sendable {
    /// The path relative to the root of the working tree.
    package var path: Path
    package var kind: EntryKind

    package init(path: Path, kind: EntryKind) { (self.path, self.kind) = (path, kind) }
}

/// A source at one commit.
package struct SourceSnapshot: Sendable {
    package var commit: Commit
    /// The short name of the branch or tag (`webai2hf`); `nil` for a commit id.
    package var branch: String?
    /// Whether the revision is a tag or a commit id, which later pushes do not move.
    package var isFixed = false
    /// The origin of the source, for the trailer: a URL without credentials, or the last component
    /// of the path.
    package var repository: String
    /// The number of uncommitted changes in the working tree; 0 in a bare repository.
    package var uncommitted: Int
    /// Fetches blobs of the source in one request; `nil` if all of them are available locally.
    package var fetchBlobs: (@Sendable ([ObjectID]) async throws(DeployError) -> Void)?
    /// Returns the content of a Git LFS file of the source; `nil` if the content was not found.
    package var lfsContent: (@Sendable (LFSFile) async throws(DeployError) -> [UInt8]?)?
    /// The files that `add` takes from the working tree; they are not part of a commit.
    package var untrackedFiles = TreeBuilder()
    /// The promotion if the deployed commit comes from another Space; `nil` otherwise.
    package var promotion: Promotion?
    /// Whether the tree is that of a Space and not of a source.
    package var isFromSpace = false

    package init(commit: Commit, branch: String?, repository: String, uncommitted: Int = 0) {
        (self.commit, self.branch, self.repository) = (commit, branch, repository)
        self.uncommitted = uncommitted
    }
}

extension SourceSnapshot {
    /// Returns the snapshot with access to the content of its Git LFS files.
    package func withLFSContent(from lfs: any LFSTransferring) -> SourceSnapshot {
        var snapshot = self
        snapshot.lfsContent = { [self] (file) async throws(DeployError) in
            try await lfs.content(of: file, of: self)
        }
        return snapshot
    }
}

/// A commit of one Space that is deployed to another.
package struct Promotion: Hashable, Sendable {
    package var from: SpaceID
    /// The commit that runs on the Space `from`.
    package var commit: Commit

    package init(from: SpaceID, commit: Commit) { (self.from, self.commit) = (from, commit) }
}

/// The presence of a commit of an earlier deploy in the source.
package enum CommitPresence: Hashable, Sendable {
    /// The source or one of its remotes has the commit.
    case present
    case absent
    /// The history is truncated (a shallow or partial clone), or the server could not be reached.
    case unknown
}

/// The Git repository of a Space on the Hub.
package protocol SpaceRepository: Sendable {
    /// Fetches the head of the Space's branch with all its trees, which are in the object database
    /// afterwards; blobs are not fetched.
    /// - Throws: `DeployError` of kind `permissionDenied` for tokens and rights, `refused` if the
    ///   Space does not exist, `tryLater` for the network.
    func fetchHead(of branch: String) async throws(DeployError) -> SpaceHead
    /// Returns the given head if all its objects are in the store, without a request; `nil`
    /// otherwise. A push detects whether the branch has moved.
    func storedHead(at head: ObjectID) async -> SpaceHead?
    /// Returns the head that an earlier run left in the store, with its trees; `nil` if there is
    /// none. Makes no request, so the branch may have moved since.
    func lastHead() async -> Commit?
    /// Fetches these blobs of the Space into the store in one request, except those that are there already.
    /// - Throws: `DeployError` of kind `internalError` if a blob is missing and `fetchHead` was not
    ///   called before; makes no request then.
    func fetchBlobs(_ blobs: [ObjectID]) async throws(DeployError)
    /// Returns the newest commits of the branch, at most `limit`, newest first, along the first
    /// parents; without trees or files.
    func commits(of branch: String, limit: Int) async throws(DeployError) -> [Commit]
    /// Returns the content of a Git LFS file at a commit; `nil` if it has more than `limit` bytes
    /// or the Hub does not have it.
    func content(ofLargeFile path: Path, at commit: ObjectID, limit: Int) async throws(DeployError)
        -> [UInt8]?
    /// Fetches a commit, such as that of an earlier deploy, and all its trees into the store.
    func fetchTrees(of commit: ObjectID) async throws(DeployError)
    /// Pushes one commit and the objects it needs as one pack: a compare-and-swap of the branch
    /// from `expected` (`nil` if the branch does not exist yet).
    /// - Returns: The receipt with the status that the server reported for the ref. If the response
    ///   was lost, the branch is read again.
    /// - Throws: Only if even reading the branch cannot determine the result.
    func push(
        _ commit: ObjectID, with objects: [PackObject], to branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt
    /// Pushes existing commits, with all their new objects. Versions of one file are sent as deltas.
    func push(
        history objects: [PackObject], to commit: ObjectID, as branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt
}

extension SpaceRepository {
    package func content(
        ofLargeFile path: Path, at commit: ObjectID, limit: Int
    ) async throws(DeployError) -> [UInt8]? { nil }
}

/// An object of a pack that is pushed.
package struct PackObject: Hashable, Sendable {
    package var id: ObjectID
    /// For a pushed history, the path in the tree, used to find similar objects; `nil` for a commit.
    package var path: Path?
    /// The object at the same path in the Space's head; a delta against it may be sent instead.
    package var base: ObjectID?

    package init(_ id: ObjectID, at path: Path? = nil, over base: ObjectID? = nil) {
        (self.id, self.path, self.base) = (id, path, base)
    }
}

/// The head of the Space's branch.
package struct SpaceHead: Hashable, Sendable {
    /// The commit at the head; `nil` if the branch has no commit yet.
    package var head: Commit?
    /// Whether the Space does not exist, or the token may not see it.
    package var isMissing = false
    /// Whether the Space was created by this run, or is still to be created.
    package var isNew = false
    /// Whether the head is the initial commit that the Hub makes in a new Space.
    package var isPristine = false

    package init(head: Commit?) { self.head = head }

    /// A Space that does not exist.
    package static let missing: SpaceHead = {
        var missing = SpaceHead(head: nil)
        (missing.isMissing, missing.isNew) = (true, true)
        return missing
    }()
}

/// The result of a push. Never a `Bool`: a refused push is not a success, and a lost response is
/// not a failure.
package enum PushReceipt: Hashable, Sendable {
    /// The branch points to the pushed commit; with the server's messages.
    case accepted(ObjectID, remoteLines: [String])
    /// The branch was moved in the meantime; nothing was overwritten.
    case stale(actual: ObjectID?)
    /// The server refused the ref; with the server's messages.
    case refused(status: String, remoteLines: [String])
}

/// A lock that excludes other runs on this machine while a Space is read and pushed to.
package protocol DeployLock: Sendable {
    func release()
}

/// The repository that is deployed. It is read at one commit and never changed.
package protocol SourceRepository: Sendable {
    /// Returns the commit of a branch, tag or commit id, which is looked up locally and then at
    /// `origin`; of `HEAD` if `revision` is `nil`.
    /// - Throws: `DeployError` of kind `source` or `permissionDenied` that names the repository and
    ///   lists its refs.
    func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot
    /// Returns whether the source's own history is known to contain this commit.
    func contains(commit: ObjectID) async -> Bool
    /// Returns whether the source, its server or one of its remotes has this commit. May send
    /// requests to them.
    func lookUp(commit: ObjectID) async -> CommitPresence
    /// Returns commits reachable from the tips, at most `limit` per tip, without trees or files:
    /// from the source itself, otherwise from its server or its remotes. Empty if none of them has
    /// the first tip; the other tips may be missing.
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

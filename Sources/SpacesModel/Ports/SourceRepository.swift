/// Where the files come from: a repository, read at one commit, never changed.
package protocol SourceRepository: Sendable {
    /// The commit that a branch, tag or commit id names now, looked up locally and then at `origin`; HEAD when nil.
    /// - Throws: a `DeployError` of kind `source` (or `notAllowed`) that names the repository and what it does hold.
    func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot
    /// Whether the source's own history is known to hold this commit.
    func contains(commit: ObjectID) async -> Bool
    /// Whether the source, its server or one of its remotes has this commit; may ask them.
    func lookUp(commit: ObjectID) async -> CommitPresence
    /// Commits that the tips lead to, at most `limit` of each, without trees or files: from the source itself, else from its
    /// server or its remotes. Empty if none of them has the first tip; the other tips may be missing.
    func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit]
    /// Brings all that a commit of a snapshot leads to, as far as it can be had, to be sent as it is.
    func fetchHistory(of commit: ObjectID) async throws(DeployError)
    /// The files at a path of the caller's own work tree as they lie there, whether Git knows them or not: what is
    /// below a directory (nothing of a `.git`), or the one file. None where nothing is.
    /// - Throws: kind `settings` where there is no such work tree, `source` for what cannot be read.
    func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile]
    func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8]
}

extension SourceRepository {
    package func lookUp(commit: ObjectID) async -> CommitPresence {
        await contains(commit: commit) ? .present : .absent
    }

    package func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] { [] }
}

/// A file, or a link, of a work tree.
package struct WorkTreeFile: Hashable, Sendable {
    /// From the work tree's top.
    package var path: Path
    package var kind: EntryKind

    package init(path: Path, kind: EntryKind) { (self.path, self.kind) = (path, kind) }
}

/// A source at one commit.
package struct SourceSnapshot: Sendable {
    package var commit: Commit
    /// The branch or tag as it was named, short (`webai2hf`); nil for a commit id.
    package var branch: String?
    /// A tag or a commit was named, which no later push moves.
    package var isFixed = false
    /// Where the source lives, for the trailer: a URL without credentials, or the path's last name.
    package var repository: String
    /// How many changes the work tree holds that no commit has; none in a bare repository.
    package var uncommitted: Int
    /// Brings blobs of the source, in one request; nil where all of them are at hand.
    package var fetchBlobs: (@Sendable ([ObjectID]) async throws(DeployError) -> Void)?
    /// What a pointer of Git LFS in the source stands for; `nil` if nobody has it.
    package var lfsContent: (@Sendable (LFSFile) async throws(DeployError) -> [UInt8]?)?
    /// What `add` takes from the work tree: no commit vouches for it.
    package var untrackedFiles = TreeBuilder()
    /// It is what another Space runs.
    package var promotion: Promotion?
    /// Its tree is one that a Space holds, not a source.
    package var isFromSpace = false

    package init(commit: Commit, branch: String?, repository: String, uncommitted: Int = 0) {
        (self.commit, self.branch, self.repository) = (commit, branch, repository)
        self.uncommitted = uncommitted
    }
}

extension SourceSnapshot {
    /// With a way to the files behind its pointers of Git LFS.
    package func withLFSContent(from lfs: any LFSTransferring) -> SourceSnapshot {
        var snapshot = self
        snapshot.lfsContent = { [self] (file) async throws(DeployError) in
            try await lfs.content(of: file, of: self)
        }
        return snapshot
    }
}

/// What one Space runs, as it goes to another.
package struct Promotion: Hashable, Sendable {
    package var from: SpaceID
    /// The commit that runs there.
    package var commit: Commit

    package init(from: SpaceID, commit: Commit) { (self.from, self.commit) = (from, commit) }
}

/// What a source says of a commit that an earlier deploy came from.
package enum CommitPresence: Hashable, Sendable {
    /// It, or a remote of it, has the commit.
    case present
    case absent
    /// Its history breaks off (a shallow or partial clone), or its server could not be asked.
    case unknown
}

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
    /// Whether the Space was created by this run, or is still to be created.
    package var isNew = false
    /// Whether the head is the initial commit that the Hub makes in a new Space.
    package var isPristine = false

    package init(head: Commit?) { self.head = head }
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

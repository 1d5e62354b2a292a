/// The Space's repository on the Hub.
package protocol SpaceRepository: Sendable {
    /// The head of the Space's branch with its tree (all of its trees are at hand in the store afterwards, its blobs
    /// are not).
    /// - Throws: kind `notAllowed` for tokens and rights, `refused` for a Space that is not there, `tryLater` for the network.
    func fetchHead(of branch: String) async throws(DeployError) -> SpaceHead
    /// The same for a head that somebody else told, where it is all at hand: no request. A push finds out if it moved.
    func storedHead(at head: ObjectID) async -> SpaceHead?
    /// The head that an earlier run left in the store, with its trees; nil if there is none. No request, and the head
    /// may have moved since.
    func lastHead() async -> Commit?
    /// Brings these blobs of the Space into the store, in one request; those at hand already are not asked for.
    /// - Throws: kind `internalFault` for what is not at hand before a `state` was asked for: no request is made then.
    func fetchBlobs(_ blobs: [ObjectID]) async throws(DeployError)
    /// The branch's newest commits, at most `limit`, newest first, along the first parents; without trees or files.
    func commits(of branch: String, limit: Int) async throws(DeployError) -> [Commit]
    /// The content of a file in Git LFS at a commit; `nil` if it has more than `limit` bytes or the Hub doesn't have it.
    func content(ofLargeFile path: Path, at commit: ObjectID, limit: Int) async throws(DeployError)
        -> [UInt8]?
    /// Brings a commit and all its trees, such as those of an earlier deploy, into the store.
    func fetchTrees(of commit: ObjectID) async throws(DeployError)
    /// Sends one commit and the objects it needs as one pack: a compare-and-swap of the branch from `expected`
    /// (nil: the branch does not exist yet). Says what the server reported for the ref, after looking again where the
    /// answer was lost; throws only when even that cannot be known.
    func push(
        _ commit: ObjectID, with objects: [PackObject], to branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt
    /// The same for commits that are there already, with all that is new in them. Versions of one file travel as
    /// differences.
    func push(
        history objects: [PackObject], to commit: ObjectID, as branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt
}

extension SpaceRepository {
    package func content(
        ofLargeFile path: Path, at commit: ObjectID, limit: Int
    ) async throws(DeployError) -> [UInt8]? { nil }
}

/// An object that is pushed.
package struct PackObject: Hashable, Sendable {
    package var id: ObjectID
    /// Of a history: where it stands in the tree, to find what resembles it; nil for a commit.
    package var path: Path?
    /// What stands in its place at the Space's head: the difference from it may be sent instead.
    package var base: ObjectID?

    package init(_ id: ObjectID, at path: Path? = nil, over base: ObjectID? = nil) {
        (self.id, self.path, self.base) = (id, path, base)
    }
}

/// What the Space's branch holds.
package struct SpaceHead: Hashable, Sendable {
    /// The commit at the head; nil when the branch has none yet.
    package var head: Commit?
    /// It was made by this run, or is still to be made.
    package var isNew = false
    /// The head is the commit that the Hub makes in a new Space.
    package var isPristine = false

    package init(head: Commit?) { self.head = head }
}

/// What came of a push. Never a Bool: a refused push is no success, and a lost answer no failure.
package enum PushReceipt: Hashable, Sendable {
    /// The branch points to our commit; with what the server said besides.
    case accepted(ObjectID, remoteLines: [String])
    /// The branch moved meanwhile; nothing was overwritten.
    case stale(actual: ObjectID?)
    /// The server refused the ref, in its own words.
    case refused(status: String, remoteLines: [String])
}

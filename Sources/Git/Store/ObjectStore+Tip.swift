import SpacesModel

/// A store remembers the last commit whose trees it got, by a push or a fetch: what a store that is folded keeps, and
/// what a server can be told that it need not send again.
extension ObjectStore {
    static let tipRefName = "refs/spacesync/tip"

    /// That commit, if all its trees are still at hand.
    func lastTip() -> ObjectID? {
        guard let commit = reference(Self.tipRefName), (try? containsTrees(of: commit)) == true else {
            return nil
        }
        return commit
    }

    /// A reference that is right already is not written again; a cache that cannot be written costs a fetch, no more.
    func rememberTip(_ commit: ObjectID) {
        guard reference(Self.tipRefName) != commit else { return }
        setReference(Self.tipRefName, to: commit)
    }
}

import SpacesModel

/// A store remembers the last commit whose trees it got, by a push or a fetch: what a store that is folded keeps, and
/// what a server can be told that it need not send again.
extension ObjectStore {
    static let tipName = "refs/spacesync/tip"

    /// That commit, if all its trees are still at hand.
    func lastTip() -> ObjectID? {
        guard let commit = reference(Self.tipName), (try? holdsTrees(of: commit)) == true else { return nil }
        return commit
    }

    /// A reference that is right already is not written again; a cache that cannot be written costs a fetch, no more.
    func rememberTip(_ commit: ObjectID) {
        guard reference(Self.tipName) != commit else { return }
        refer(Self.tipName, to: commit)
    }
}

import SpacesModel

/// A reference records the last commit whose trees were pushed or fetched. Repacking keeps its
/// objects, and servers need not send them again.
extension ObjectStore {
    static let tipRefName = "refs/spacesync/tip"

    /// Returns the recorded commit; `nil` if one of its trees is missing.
    func lastTip() -> ObjectID? {
        guard let commit = reference(Self.tipRefName), (try? containsTrees(of: commit)) == true else {
            return nil
        }
        return commit
    }

    /// Records a commit. Skips the write if it is unchanged. Errors are ignored, as they only cost
    /// a fetch.
    func rememberTip(_ commit: ObjectID) {
        guard reference(Self.tipRefName) != commit else { return }
        setReference(Self.tipRefName, to: commit)
    }
}

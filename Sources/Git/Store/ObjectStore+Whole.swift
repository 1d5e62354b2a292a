internal import CGit2
import Deploy

/// A store of a source remembers the commit that it holds with all its blobs, so that the next fetch is sent only
/// what is new. The memory is a reference of the bare repository.
extension ObjectStore {
    private static let name = "refs/spacesync/whole"

    /// The commit fetched last, if all of it is still at hand.
    func lastWhole() -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, store.repository.raw, Self.name) == 0, let commit = ObjectID(&id),
            (try? holdsWhole(commit, blobs: true)) == true
        else { return nil }
        return commit
    }

    /// A cache that cannot be written costs a larger fetch, no more.
    func rememberWhole(_ commit: ObjectID) {
        guard lastWhole() != commit else { return }
        var (id, reference): (git_oid, OpaquePointer?) = (commit.git, nil)
        if git_reference_create(&reference, store.repository.raw, Self.name, &id, 1, nil) == 0 {
            git_reference_free(reference)
        }
    }
}

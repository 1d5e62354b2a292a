internal import CGit2
import SpacesModel

/// A store of a source remembers the commit that it holds with all its blobs, so that the next fetch is sent only
/// what is new. The memory is a reference of the bare repository.
extension ObjectStore {
    static let completeRefName = "refs/spacesync/whole"

    /// The commit fetched last, if all of it is still at hand.
    func lastComplete() -> ObjectID? {
        guard let commit = reference(Self.completeRefName),
            (try? containsComplete(commit, blobs: true)) == true
        else {
            return nil
        }
        return commit
    }

    /// A cache that cannot be written costs a larger fetch, no more.
    func rememberComplete(_ commit: ObjectID) {
        guard lastComplete() != commit else { return }
        setReference(Self.completeRefName, to: commit)
    }

    func reference(_ name: String) -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, store.repository.raw, name) == 0 else { return nil }
        return ObjectID(&id)
    }

    func setReference(_ name: String, to commit: ObjectID) {
        // The objects of a full cache are in a temporary place.
        guard overflow == nil else { return }
        var (id, reference): (git_oid, OpaquePointer?) = (commit.git, nil)
        if git_reference_create(&reference, store.repository.raw, name, &id, 1, nil) == 0 {
            git_reference_free(reference)
        }
    }
}

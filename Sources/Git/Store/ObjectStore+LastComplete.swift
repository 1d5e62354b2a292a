internal import CGit2
import SpacesModel

/// A reference of the bare repository records the commit that the store of a source has with all
/// its blobs, so that the next fetch transfers only new objects.
extension ObjectStore {
    static let completeRefName = "refs/spacesync/whole"

    /// Returns the recorded commit; `nil` if one of its objects is missing.
    func lastComplete() -> ObjectID? {
        guard let commit = reference(Self.completeRefName),
            (try? containsComplete(commit, blobs: true)) == true
        else {
            return nil
        }
        return commit
    }

    /// Records a commit. Errors are ignored, as they only cost a larger fetch.
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
        // If the cache is full, the commit's objects are in a temporary store.
        guard overflow == nil else { return }
        var (id, reference): (git_oid, OpaquePointer?) = (commit.git, nil)
        if git_reference_create(&reference, store.repository.raw, name, &id, 1, nil) == 0 {
            git_reference_free(reference)
        }
    }
}

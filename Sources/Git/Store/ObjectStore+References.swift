internal import CGit2
import SpacesModel

/// References of the bare repository record which commits the store has. Repacking keeps their
/// objects, and servers need not send them again.
extension ObjectStore {
    /// The last commit whose trees were pushed or fetched.
    static let tipRefName = "refs/spacesync/tip"
    /// The commit that the store of a source has with all its blobs.
    static let completeRefName = "refs/spacesync/whole"
    /// The commit that the store of a source has with all of its history.
    private static let historyRefName = "refs/spacesync/history"

    /// Returns the recorded commit; `nil` if one of its trees is missing.
    func lastTip() -> ObjectID? {
        guard let commit = reference(Self.tipRefName), (try? containsTrees(of: commit)) == true else {
            return nil
        }
        return commit
    }

    func rememberTip(_ commit: ObjectID) { setReference(Self.tipRefName, to: commit) }

    /// Returns the recorded commit; `nil` if one of its objects is missing.
    func lastComplete() -> ObjectID? {
        guard let commit = reference(Self.completeRefName),
            (try? containsComplete(commit, blobs: true)) == true
        else {
            return nil
        }
        return commit
    }

    func rememberComplete(_ commit: ObjectID) { setReference(Self.completeRefName, to: commit) }

    func lastHistory() -> ObjectID? {
        guard let commit = reference(Self.historyRefName), containsHistory(of: commit) else { return nil }
        return commit
    }

    func rememberHistory(_ commit: ObjectID) { setReference(Self.historyRefName, to: commit) }

    private func reference(_ name: String) -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, store.repository.raw, name) == 0 else { return nil }
        return ObjectID(&id)
    }

    /// Writes a reference if it changes. Errors are ignored, as they only cost a larger fetch.
    private func setReference(_ name: String, to commit: ObjectID) {
        // If the cache is full, the commit's objects are in a temporary store.
        guard overflow == nil, self.reference(name) != commit else { return }
        var (id, reference): (git_oid, OpaquePointer?) = (commit.git, nil)
        if git_reference_create(&reference, store.repository.raw, name, &id, 1, nil) == 0 {
            git_reference_free(reference)
        }
    }
}

/// Checks which objects the store has.
extension ObjectStore {
    /// Returns whether the store has the commit and all its trees. Recreates the store if one is
    /// damaged.
    func containsTrees(of commit: ObjectID) throws(DeployError) -> Bool {
        try containsComplete(commit, blobs: false)
    }

    /// Returns whether the store has the commit, its trees and, with `blobs`, its blobs. Recreates
    /// the store if one is damaged.
    func containsComplete(_ commit: ObjectID, blobs: Bool) throws(DeployError) -> Bool {
        guard store.database.contains(commit) else { return false }
        do throws(DeployError) {
            return try containsAll(of: try self.commit(commit).tree, blobs: blobs)
        } catch {
            try startOver()
            return false
        }
    }

    /// Returns whether a tree and all its subtrees are in the store. With `blobs`, also checks that
    /// the blobs exist; their content is not read.
    /// - Throws: if a tree is damaged.
    private func containsAll(of tree: ObjectID, blobs: Bool) throws(DeployError) -> Bool {
        var (queue, seen): ([ObjectID], Set<ObjectID>) = ([tree], [])
        while let next = queue.popLast() {
            guard seen.insert(next).inserted else { continue }
            guard store.database.contains(next) else { return false }
            for entry in try entries(of: next) {
                if entry.kind == .tree { queue.append(entry.id) }
                if blobs, entry.kind.isBlob, !store.database.contains(entry.id) { return false }
            }
        }
        return true
    }

    /// Returns the objects that are not in the store. Recreates the store if one is damaged.
    func missingObjects(of ids: [ObjectID]) throws(DeployError) -> [ObjectID] {
        if ids.contains(where: { contains($0) && isDamaged($0) }) { try startOver() }
        return ids.filter { !contains($0) }
    }

    /// Returns whether an object is damaged. Only reads objects below 1 MiB: cards and attributes,
    /// which every deploy reads.
    private func isDamaged(_ id: ObjectID) -> Bool {
        guard let size = try? store.database.size(of: id) else { return true }
        return size < 1 << 20 && (try? store.database.read(id)) == nil
    }

    /// Returns a commit and its first-parent ancestors; `nil` if one of them is missing.
    func chain(from head: ObjectID, limit: Int) -> [Commit]? {
        var (commits, next): ([Commit], ObjectID?) = ([], head)
        while let id = next, commits.count < limit {
            guard contains(id), let commit = try? commit(id) else { return nil }
            commits.append(commit)
            next = commit.parents.first
        }
        return commits
    }
}

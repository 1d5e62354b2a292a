internal import CGit2
import Essentials
import HTTP
import SpacesModel

extension ObjectStore {
    private func packBuilder(of ids: [ObjectID]) throws(GitError) -> Handle<PackBuilderKind> {
        let repository = store.repository.raw
        let builder = try Handle<PackBuilderKind>("git_packbuilder_new") {
            git_packbuilder_new(&$0, repository)
        }
        for id in ids {
            var oid = id.git
            try check("git_packbuilder_insert", git_packbuilder_insert(builder.raw, &oid, nil))
        }
        return builder
    }

    /// Stores the objects of a pushed commit that the next deploy needs: the commit, its trees,
    /// README.md and .gitattributes. Other blobs can be fetched from the Space. Errors are ignored,
    /// as they only cost a fetch.
    func cachePushedCommit(_ commit: ObjectID, _ trees: [ObjectID]) {
        let small = (try? smallFiles(of: commit)) ?? []
        guard let builder = try? packBuilder(of: [commit] + trees + small) else { return }
        let packs = store.path + "/objects/pack"
        guard git_packbuilder_write(builder.raw, packs, 0o600, nil, nil) == 0 else { return }
        store.database.refresh()
        rememberTip(commit)
    }

    /// Returns whether an object is damaged. Only reads objects below 1 MiB: cards and attributes,
    /// which every deploy reads.
    private func isDamaged(_ id: ObjectID) -> Bool {
        guard let size = try? store.database.size(of: id) else { return true }
        return size < 1 << 20 && (try? store.database.read(id)) == nil
    }

    private func smallFiles(of commit: ObjectID) throws(GitError) -> [ObjectID] {
        let names: Set<Path> = ["README.md", ".gitattributes"]
        let entries = try store.database.entries(of: try store.database.commit(commit).tree)
        return entries.filter { names.contains($0.name) && $0.kind.isBlob }.map(\.id).filter { id in
            ((try? store.database.size(of: id)) ?? .max) <= 1 << 20
        }
    }

    /// Returns whether the store has the commit and all its trees. Recreates the store if one is
    /// damaged.
    func containsTrees(of commit: ObjectID) throws(DeployError) -> Bool {
        try containsComplete(commit, blobs: false)
    }

    /// Returns whether the store has the commit, its trees and, with `blobs`, its blobs. Recreates
    /// the store if one is damaged.
    func containsComplete(_ commit: ObjectID, blobs: Bool) throws(DeployError) -> Bool {
        do throws(GitError) {
            guard store.database.contains(commit) else { return false }
            let tree = try store.database.commit(commit).tree
            return try treeCache.containsAll(of: tree, blobs: blobs, in: store.database)
        } catch {
            try startOver()
            return false
        }
    }

    /// Returns the objects that are not in the store. Recreates the store if one is damaged.
    func missingObjects(of ids: [ObjectID]) throws(DeployError) -> [ObjectID] {
        if ids.contains(where: { contains($0) && isDamaged($0) }) { try startOver() }
        return ids.filter { !contains($0) }
    }
}

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
            var name = id.git
            try check("git_packbuilder_insert", git_packbuilder_insert(builder.raw, &name, nil))
        }
        return builder
    }

    /// Keeps what the next deploy will ask of this commit: it, its trees, its README.md and .gitattributes. Other
    /// blobs are left to the Space. A cache that cannot be written costs a fetch, no more.
    func cachePushedCommit(_ commit: ObjectID, _ trees: [ObjectID]) {
        let small = (try? smallFiles(of: commit)) ?? []
        guard let builder = try? packBuilder(of: [commit] + trees + small) else { return }
        let packs = store.path + "/objects/pack"
        guard git_packbuilder_write(builder.raw, packs, 0o600, nil, nil) == 0 else { return }
        store.database.refresh()
        rememberTip(commit)
    }

    /// Small objects alone are looked at: cards and attributes, which every deploy reads.
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

    /// Whether the commit and all its trees are at hand. A store where they are damaged is started over.
    func containsTrees(of commit: ObjectID) throws(DeployError) -> Bool {
        try containsComplete(commit, blobs: false)
    }

    /// Whether the commit, its trees and, if asked, its blobs are at hand.
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

    /// Those that are not at hand. A store where one is damaged is started over.
    func missingObjects(of ids: [ObjectID]) throws(DeployError) -> [ObjectID] {
        if ids.contains(where: { contains($0) && isDamaged($0) }) { try startOver() }
        return ids.filter { !contains($0) }
    }
}

import Deploy

extension Database {
    func entries(of tree: ObjectID) throws(GitError) -> [TreeEntry] {
        let object = try read(tree)
        guard object.type == .tree, let entries = TreeText.entries(in: object.bytes) else {
            throw GitError(call: "tree", code: -1, message: "object \(tree) is no tree")
        }
        return entries
    }

    func commit(_ id: ObjectID) throws(GitError) -> Commit {
        let object = try read(id)
        guard object.type == .commit, let commit = CommitText.commit(id, in: object.bytes) else {
            throw GitError(call: "commit", code: -1, message: "object \(id) is no commit")
        }
        return commit
    }

    /// Whether a tree and all below it are here; of blobs only their presence is looked at, and only when asked.
    /// - Throws: when something is here but damaged.
    func holdsAll(of tree: ObjectID, blobs: Bool) throws(GitError) -> Bool {
        var (waiting, seen): ([ObjectID], Set<ObjectID>) = ([tree], [])
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            guard holds(next) else { return false }
            for entry in try entries(of: next) {
                if entry.kind == .tree { waiting.append(entry.id) }
                if blobs, entry.kind.isBlob, !holds(entry.id) { return false }
            }
        }
        return true
    }
}

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
}

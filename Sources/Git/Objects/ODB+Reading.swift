internal import CGit2
import SpacesModel

extension ODB {
    func entries(of tree: ObjectID) throws(GitError) -> [TreeEntry] { try self.tree(tree).entries }

    /// Reads and parses a tree.
    /// - Returns: the entries, and whether a mode is written differently from Git's format.
    func tree(_ tree: ObjectID) throws(GitError) -> (entries: [TreeEntry], isOdd: Bool) {
        let object = try read(tree)
        guard object.type == .tree else {
            throw GitError(call: "tree", code: -1, message: "object \(tree) is no tree")
        }
        do throws(TreeCodec.ParseError) { return try TreeCodec.read(object.bytes) } catch {
            let entry = error.name.map { "the entry \($0.shown) " } ?? ""
            throw GitError(call: "tree", code: -1, message: "\(entry)\(error.reason) (tree \(tree))")
        }
    }

    func commit(_ id: ObjectID) throws(GitError) -> Commit {
        let object = try read(id)
        guard object.type == .commit, let commit = CommitCodec.commit(id, in: object.bytes) else {
            throw GitError(call: "commit", code: -1, message: "object \(id) is no commit")
        }
        return commit
    }

    /// Returns the id of the commit that a tag points to, or of the commit itself. Does not use
    /// libgit2's peeling, which parses the commit and rejects unusual times or authors.
    func commit(behind id: ObjectID) throws(GitError) -> ObjectID {
        var id = id
        // A limit for tags that point to tags, which are rare.
        for _ in 0..<20 {
            switch try header(of: id).type {
            case .commit: return id
            case .tag: id = try target(ofTag: id)
            default: throw Self.noCommit(id)
            }
        }
        throw Self.noCommit(id)
    }

    private func target(ofTag id: ObjectID) throws(GitError) -> ObjectID {
        let line = try read(id).bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard line.starts(with: "object ".utf8),
            let target = ObjectID(String(decoding: line.dropFirst(7), as: UTF8.self))
        else { throw Self.noCommit(id) }
        return target
    }

    private static func noCommit(_ id: ObjectID) -> GitError {
        GitError(call: "commit", code: GIT_EINVALIDSPEC.rawValue, message: "object \(id) leads to no commit")
    }

    /// Returns the id of the only object whose id starts with the given hexadecimal digits.
    func identified(by prefix: inout git_oid, length: Int) throws(GitError) -> ObjectID? {
        var id = git_oid()
        try check("git_odb_exists_prefix", git_odb_exists_prefix(&id, handle.raw, &prefix, length))
        return ObjectID(&id)
    }
}

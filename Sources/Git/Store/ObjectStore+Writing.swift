import GitPatterns
import SpacesModel

extension ObjectStore {
    package func write(blob: [UInt8]) throws(DeployError) -> ObjectID {
        try write(RawObject(type: .blob, bytes: blob))
    }

    package func write(tree: [TreeEntry]) throws(DeployError) -> ObjectID {
        try Self.examine(tree)
        return try write(RawObject(type: .tree, bytes: TreeCodec.bytes(of: tree)))
    }

    package func write(commit: CommitDraft) throws(DeployError) -> ObjectID {
        try write(RawObject(type: .commit, bytes: CommitCodec.bytes(of: commit)))
    }

    private func write(_ object: RawObject) throws(DeployError) -> ObjectID {
        do throws(GitError) { return try store.database.write(object) } catch {
            throw DeployError(
                .internalError, "a \(object.type) could not be written in memory", details: [error.message])
        }
    }

    private static func examine(_ entries: [TreeEntry]) throws(DeployError) {
        var seen: Set<Path> = []
        for entry in entries {
            let isNew = seen.insert(entry.name).inserted
            let problem = GitPathValidator.problem(with: entry.name, entry.kind)
            guard let problem = isNew ? problem : "occurs twice" else { continue }
            throw DeployError(
                .refused, "a name in the tree \(problem): \(entry.name.shown)",
                hint: "rename it, or leave it out: exclude = \(entry.name.pattern.dropFirst())")
        }
    }
}

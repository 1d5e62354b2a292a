/// Commits with their parents, as far as they are known.
struct CommitGraph: Sendable {
    private var commits: [ObjectID: Commit] = [:]

    init(_ commits: [Commit]) {
        for commit in commits { self.commits[commit.id] = commit }
    }

    func holds(_ id: ObjectID) -> Bool { commits[id] != nil }

    /// The commits that a tip leads to and another one does not, newest first.
    func commits(from tip: ObjectID, beyond other: ObjectID) -> [Commit] {
        let hidden = ancestors(of: other)
        return ancestors(of: tip).subtracting(hidden).compactMap { commits[$0] }.sorted {
            let dates = [$0, $1].map { $0.committed ?? $0.author.time }
            return dates[0] != dates[1] ? dates[0] > dates[1] : $0.id.description < $1.id.description
        }
    }

    /// With the commit itself.
    private func ancestors(of tip: ObjectID) -> Set<ObjectID> {
        var (found, waiting): (Set<ObjectID>, [ObjectID]) = ([], [tip])
        while let next = waiting.popLast() {
            guard found.insert(next).inserted, let commit = commits[next] else { continue }
            waiting += commit.parents
        }
        return found
    }
}

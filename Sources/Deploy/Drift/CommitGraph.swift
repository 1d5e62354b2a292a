import SpacesModel

/// Commits with their parents, as far as they are known.
struct CommitGraph: Sendable {
    private var commits: [ObjectID: Commit] = [:]

    init(_ commits: [Commit]) {
        for commit in commits { self.commits[commit.id] = commit }
    }

    func contains(_ id: ObjectID) -> Bool { commits[id] != nil }

    /// The commits that a tip leads to and another one does not, newest first, children before parents of the same date.
    func commits(from tip: ObjectID, beyond other: ObjectID) -> [Commit] {
        var seen = ancestors(of: other)
        var (found, waiting): ([Commit], [Commit]) = ([], [])
        func add(_ id: ObjectID) {
            if seen.insert(id).inserted, let commit = commits[id] { waiting.append(commit) }
        }
        add(tip)
        while let newest = waiting.indices.max(by: { waiting[$0].date < waiting[$1].date }) {
            let commit = waiting.remove(at: newest)
            found.append(commit)
            commit.parents.forEach(add)
        }
        return found
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

extension Commit {
    /// Seconds since 1970.
    fileprivate var date: Int64 { commitTime ?? author.time }
}

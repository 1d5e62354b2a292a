import SpacesModel

/// A graph of the known commits and their parents; some ancestors may be missing.
struct CommitGraph: Sendable {
    private var commits: [ObjectID: Commit] = [:]

    init(_ commits: [Commit]) {
        for commit in commits { self.commits[commit.id] = commit }
    }

    func contains(_ id: ObjectID) -> Bool { commits[id] != nil }

    /// Returns the commits that are reachable from a tip but not from another commit, newest first, and
    /// children before parents of the same date.
    func commits(from tip: ObjectID, beyond other: ObjectID) -> [Commit] {
        var seen = ancestors(of: other)
        var (result, queue): ([Commit], [Commit]) = ([], [])
        func add(_ id: ObjectID) {
            if seen.insert(id).inserted, let commit = commits[id] { queue.append(commit) }
        }
        add(tip)
        while let newest = queue.indices.max(by: { queue[$0].date < queue[$1].date }) {
            let commit = queue.remove(at: newest)
            result.append(commit)
            commit.parents.forEach(add)
        }
        return result
    }

    /// Returns the known ancestors of a commit, including the commit itself.
    private func ancestors(of tip: ObjectID) -> Set<ObjectID> {
        var (result, queue): (Set<ObjectID>, [ObjectID]) = ([], [tip])
        while let next = queue.popLast() {
            guard result.insert(next).inserted, let commit = commits[next] else { continue }
            queue += commit.parents
        }
        return result
    }
}

extension Commit {
    /// Seconds since 1970.
    fileprivate var date: Int64 { commitTime ?? author.time }
}

import SpacesModel

/// Iterates over a commit's history, newest first. Used instead of libgit2's walk, which would read
/// commits of any size.
struct CommitWalk {
    private var queue = CommitQueue()
    private var start: ObjectID?
    private var seen: Set<ObjectID>

    init(from tip: ObjectID) { (start, seen) = (tip, [tip]) }

    /// Returns the next commit; `nil` at the end.
    mutating func next(in database: borrowing ODB) throws(GitError) -> Commit? {
        if let tip = start {
            start = nil
            queue.add(try database.commit(tip))
        }
        guard let commit = queue.popNewest() else { return nil }
        for parent in commit.parents where seen.insert(parent).inserted {
            queue.add(try database.commit(parent))
        }
        return commit
    }

    /// Returns the newest commits reachable from a tip, including the tip. Skips missing commits,
    /// such as those beyond the boundary of a shallow clone.
    static func newest(_ limit: Int, from tip: ObjectID, in database: borrowing ODB) -> [Commit] {
        var (queue, seen, commits) = (CommitQueue(), Set([tip]), [Commit]())
        if let commit = try? database.commit(tip) { queue.add(commit) }
        while commits.count < limit, let commit = queue.popNewest() {
            commits.append(commit)
            for parent in commit.parents where seen.insert(parent).inserted {
                if let commit = try? database.commit(parent) { queue.add(commit) }
            }
        }
        return commits
    }

    /// Returns the commits reachable from a tip but not from the bases, parents first.
    static func commits(
        from tip: ObjectID, beyond bases: [ObjectID], in database: borrowing ODB
    ) throws(GitError) -> [Commit] {
        var marks = Marks()
        try marks.add(tip, isHidden: false, in: database)
        for base in bases { try marks.add(base, isHidden: true, in: database) }
        while marks.isUndecided, let commit = marks.queue.popNewest() {
            let isHidden = marks.hidden.contains(commit.id)
            if !isHidden { marks.undecided -= 1 }
            for parent in commit.parents { try marks.add(parent, isHidden: isHidden, in: database) }
        }
        return marks.visible(from: tip)
    }

    /// The state of the commits visited so far.
    private struct Marks {
        var queue = CommitQueue()
        var commits: [ObjectID: Commit] = [:]
        var hidden: Set<ObjectID> = []
        /// The number of queued commits that are not known to be reachable from a base.
        var undecided = 0
        /// The number of hidden commits to visit after the last undecided one, since committers'
        /// clocks differ.
        private var slack = 5

        var isUndecided: Bool {
            mutating get {
                if undecided > 0 { slack = 5 } else { slack -= 1 }
                return slack > 0
            }
        }

        mutating func add(_ id: ObjectID, isHidden: Bool, in database: borrowing ODB) throws(GitError) {
            if isHidden { hide(id) }
            // In a shallow clone, the parents of a base may be missing.
            guard commits[id] == nil, !isHidden || database.contains(id) else { return }
            let commit = try database.commit(id)
            commits[id] = commit
            if !isHidden { undecided += 1 }
            queue.add(commit)
        }

        /// Marks a commit and its known ancestors as hidden, also those that were considered
        /// visible before.
        private mutating func hide(_ id: ObjectID) {
            var queued = [id]
            while let next = queued.popLast() {
                guard hidden.insert(next).inserted, let commit = commits[next] else { continue }
                if queue.contains(next) { undecided -= 1 }
                queued += commit.parents.filter { commits[$0] != nil }
            }
        }

        func visible(from tip: ObjectID) -> [Commit] {
            var (order, seen, stack): ([Commit], Set<ObjectID>, [(id: ObjectID, isOpen: Bool)]) =
                ([], [], [(tip, false)])
            while let (id, isOpen) = stack.popLast() {
                guard let commit = commits[id], !hidden.contains(id) else { continue }
                if isOpen {
                    order.append(commit)
                } else if seen.insert(id).inserted {
                    stack.append((id, true))
                    // Reversed, as on a stack: the first parent's line comes before that of a
                    // merged branch.
                    for parent in commit.parents.reversed() { stack.append((parent, false)) }
                }
            }
            return order
        }
    }
}

/// A priority queue of commits by commit date: a binary heap with the newest on top.
private struct CommitQueue {
    private var heap: [(commit: Commit, number: Int)] = []
    private var members: Set<ObjectID> = []
    private var count = 0

    func contains(_ id: ObjectID) -> Bool { members.contains(id) }

    mutating func add(_ commit: Commit) {
        members.insert(commit.id)
        heap.append((commit, count))
        count += 1
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popNewest() -> Commit? {
        guard let newest = heap.first?.commit else { return nil }
        members.remove(newest.id)
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let child = children.max(by: { isBefore($1, $0) }), isBefore(child, parent) else { break }
            heap.swapAt(parent, child)
            parent = child
        }
        return newest
    }

    /// Returns whether the left commit is newer. Commits with the same date keep their insertion
    /// order.
    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (heap[left], heap[right])
        let (leftDate, rightDate) = (left.commit.commitTime ?? 0, right.commit.commitTime ?? 0)
        return leftDate != rightDate ? leftDate > rightDate : left.number < right.number
    }
}

extension TreeDraft {
    /// Opens the directories that Git would write with other bytes, so that they are written anew: a Space gets trees
    /// of which `git fsck --strict` has nothing to say.
    mutating func openOdd(in store: some ObjectStoring) async throws(Failure) {
        guard await store.hasOddTrees else { return }
        var known: [ObjectID: Bool] = [:]
        try await openOdd(&known, in: store)
    }

    private mutating func openOdd(
        _ known: inout [ObjectID: Bool], in store: some ObjectStoring
    ) async throws(Failure) {
        for (name, node) in nodes where node.isDirectory {
            if case .entry(_, let id) = node, try await !Self.leadsToOdd(id, &known, in: store) { continue }
            guard var directory = try await node.opened(in: store) else { continue }
            try await directory.openOdd(&known, in: store)
            self[name] = .directory(directory)
        }
    }

    /// Whether a tree, or one below it, is odd. Each is looked at once.
    private static func leadsToOdd(
        _ tree: ObjectID, _ known: inout [ObjectID: Bool], in store: some ObjectStoring
    ) async throws(Failure) -> Bool {
        if let answer = known[tree] { return answer }
        guard await store.holds(tree) else { return false }
        var answer = try await store.isOdd(tree)
        for entry in try await store.entries(of: tree) where entry.kind == .tree && !answer {
            answer = try await leadsToOdd(entry.id, &known, in: store)
        }
        known[tree] = answer
        return answer
    }
}

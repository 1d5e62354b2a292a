import SpacesModel

extension TreeBuilder {
    /// Opens the directories whose stored bytes differ from Git's canonical encoding, so that they
    /// are written again: the Space gets trees that pass `git fsck --strict`.
    mutating func openNonCanonicalTrees(in store: some ObjectDatabase) async throws(DeployError) {
        guard await store.hasNonCanonicalTrees else { return }
        var known: [ObjectID: Bool] = [:]
        try await openNonCanonicalTrees(&known, in: store)
    }

    private mutating func openNonCanonicalTrees(
        _ known: inout [ObjectID: Bool], in store: some ObjectDatabase
    ) async throws(DeployError) {
        for (name, node) in nodes where node.isDirectory {
            if case .entry(_, let id) = node {
                let needsRewrite = try await store.containsTree(in: id, &known) {
                    (tree) async throws(DeployError) in
                    try await store.isNonCanonical(tree)
                }
                if !needsRewrite { continue }
            }
            guard var directory = try await node.openDirectory(in: store) else { continue }
            try await directory.openNonCanonicalTrees(&known, in: store)
            self[name] = .directory(directory)
        }
    }
}

extension ObjectDatabase {
    /// Returns whether a stored tree or one of its subtrees matches. Checks each tree once.
    /// - Parameter known: the results so far, by tree.
    func containsTree(
        in tree: ObjectID, _ known: inout [ObjectID: Bool],
        where matches: (ObjectID) async throws(DeployError) -> Bool
    ) async throws(DeployError) -> Bool {
        if let result = known[tree] { return result }
        guard await contains(tree) else { return false }
        var result = try await matches(tree)
        for entry in try await entries(of: tree) where entry.kind == .tree && !result {
            result = try await containsTree(in: entry.id, &known, where: matches)
        }
        known[tree] = result
        return result
    }
}

extension TreeBuilder {
    /// Writes the opened directories; returns `nil` for an empty tree, which Git does not store.
    /// - Throws: kind `refused` for a name that Git, NTFS or HFS+ would misread, with its full path.
    func write(to store: some ObjectDatabase, at path: Path = .root) async throws(DeployError) -> ObjectID? {
        var entries: [TreeEntry] = []
        for (name, node) in nodes {
            let childPath = path.appending(name)
            switch node {
            case .entry(let kind, let id):
                try Self.check(name, kind, at: childPath)
                entries.append(TreeEntry(name: name, kind: kind, id: id))
            case .directory(let directory):
                try Self.check(name, .tree, at: childPath)
                guard let id = try await directory.write(to: store, at: childPath) else { continue }
                entries.append(TreeEntry(name: name, kind: .tree, id: id))
            }
        }
        return entries.isEmpty ? nil : try await store.write(tree: entries)
    }

    private static func check(_ name: Path, _ kind: EntryKind, at path: Path) throws(DeployError) {
        guard let finding = Finding(invalidName: name, kind, at: path) else { return }
        throw DeployError(
            .refused, "\(path.shown): \(finding.reason)", findings: [finding], hint: finding.fix)
    }
}

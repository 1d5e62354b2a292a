import GitPatterns
import SpacesModel

extension TreeBuilder {
    /// Returns the selected part of this tree. A directory that is selected completely stays an id
    /// and is not read.
    func selected(
        by selection: Selection, at path: Path = .root, tracker: inout UnmatchedPatternTracker,
        in store: some ObjectDatabase
    ) async throws(DeployError) -> TreeBuilder {
        var chosen = TreeBuilder()
        for (name, node) in nodes {
            let childPath = path.appending(name)
            chosen[name] = try await select(node, at: childPath, by: selection, tracker: &tracker, in: store)
        }
        return chosen
    }

    private func select(
        _ node: Node, at path: Path, by selection: Selection, tracker: inout UnmatchedPatternTracker,
        in store: some ObjectDatabase
    ) async throws(DeployError) -> Node? {
        tracker.record(path, isDirectory: node.isDirectory)
        guard node.isDirectory else { return selection.selects(path, isDirectory: false) ? node : nil }
        let coverage = selection.coverage(forDirectory: path)
        guard coverage == .some || tracker.mayMatch(inside: path) else {
            return coverage == .all ? node : nil
        }
        guard let directory = try await node.openDirectory(in: store) else { return nil }
        let chosen = try await directory.selected(by: selection, at: path, tracker: &tracker, in: store)
        // A directory that was read but is unchanged stays an id, so it is not written again.
        if chosen.isUnmodified, chosen.nodes.count == directory.nodes.count { return node }
        return chosen.isEmpty ? nil : .directory(chosen)
    }

    /// Returns paths in this tree, directories included, for "did you mean": at most `limit`, breadth
    /// first.
    func paths(limit: Int = 20_000, in store: some ObjectDatabase) async throws(DeployError) -> [Path] {
        var found: [Path] = []
        var pending: [(Path, TreeBuilder)] = [(.root, self)]
        while let (path, directory) = pending.first, found.count < limit {
            pending.removeFirst()
            for (name, node) in directory.nodes {
                let childPath = path.appending(name)
                found.append(childPath)
                if let subdirectory = try await node.openDirectory(in: store) {
                    pending.append((childPath, subdirectory))
                }
            }
        }
        return found
    }
}

extension TreeBuilder.Node {
    var isDirectory: Bool {
        switch self {
        case .directory, .entry(.tree, _): true
        case .entry: false
        }
    }
}

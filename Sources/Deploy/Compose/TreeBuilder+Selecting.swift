import GitPatterns
import SpacesModel

extension TreeBuilder {
    /// The part of this tree that is chosen. A directory of which all is chosen stays an id and is not read.
    func selected(
        by selection: Selection, at path: Path = .root, tracker: inout UnmatchedPatternTracker,
        in store: some ObjectDatabase
    ) async throws(DeployError) -> TreeBuilder {
        var chosen = TreeBuilder()
        for (name, node) in nodes {
            let place = path.appending(name)
            chosen[name] = try await select(node, at: place, by: selection, tracker: &tracker, in: store)
        }
        return chosen
    }

    private func select(
        _ node: Node, at path: Path, by selection: Selection, tracker: inout UnmatchedPatternTracker,
        in store: some ObjectDatabase
    ) async throws(DeployError) -> Node? {
        tracker.record(path, isDirectory: node.isDirectory)
        guard node.isDirectory else { return selection.selects(path, isDirectory: false) ? node : nil }
        let verdict = selection.coverage(forDirectory: path)
        guard verdict == .some || tracker.mayMatch(inside: path) else { return verdict == .all ? node : nil }
        guard let directory = try await node.openDirectory(in: store) else { return nil }
        let chosen = try await directory.selected(by: selection, at: path, tracker: &tracker, in: store)
        // What was only looked through stays an id, and is not written again.
        if chosen.isUnmodified, chosen.nodes.count == directory.nodes.count { return node }
        return chosen.isEmpty ? nil : .directory(chosen)
    }

    /// Paths in this tree, directories too, for "did you mean": at most `limit`, the upper ones first.
    func paths(limit: Int = 20_000, in store: some ObjectDatabase) async throws(DeployError) -> [Path] {
        var found: [Path] = []
        var waiting: [(Path, TreeBuilder)] = [(.root, self)]
        while let (path, directory) = waiting.first, found.count < limit {
            waiting.removeFirst()
            for (name, node) in directory.nodes {
                let place = path.appending(name)
                found.append(place)
                if let inner = try await node.openDirectory(in: store) { waiting.append((place, inner)) }
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

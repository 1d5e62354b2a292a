import GitPatterns
import SpacesModel

extension TreeDraft {
    /// The part of this tree that is chosen. A directory of which all is chosen stays an id and is not read.
    func selected(
        by selection: Selection, at path: Path = .root, census: inout PatternCensus,
        in store: some ObjectStoring
    ) async throws(Failure) -> TreeDraft {
        var chosen = TreeDraft()
        for (name, node) in nodes {
            let place = path.appending(name)
            chosen[name] = try await select(node, at: place, by: selection, census: &census, in: store)
        }
        return chosen
    }

    private func select(
        _ node: Node, at path: Path, by selection: Selection, census: inout PatternCensus,
        in store: some ObjectStoring
    ) async throws(Failure) -> Node? {
        census.see(path, isDirectory: node.isDirectory)
        guard node.isDirectory else { return selection.selects(path, isDirectory: false) ? node : nil }
        let verdict = selection.verdict(forDirectory: path)
        guard verdict == .some || census.isOpen(inside: path) else { return verdict == .all ? node : nil }
        guard let directory = try await node.opened(in: store) else { return nil }
        let chosen = try await directory.selected(by: selection, at: path, census: &census, in: store)
        // What was only looked through stays an id, and is not written again.
        if chosen.isUntouched, chosen.nodes.count == directory.nodes.count { return node }
        return chosen.isEmpty ? nil : .directory(chosen)
    }

    /// Paths in this tree, directories too, for "did you mean": at most `limit`, the upper ones first.
    func paths(limit: Int = 20_000, in store: some ObjectStoring) async throws(Failure) -> [Path] {
        var found: [Path] = []
        var waiting: [(Path, TreeDraft)] = [(.root, self)]
        while let (path, directory) = waiting.first, found.count < limit {
            waiting.removeFirst()
            for (name, node) in directory.nodes {
                let place = path.appending(name)
                found.append(place)
                if let inner = try await node.opened(in: store) { waiting.append((place, inner)) }
            }
        }
        return found
    }
}

extension TreeDraft.Node {
    var isDirectory: Bool {
        switch self {
        case .directory, .entry(.tree, _): true
        case .entry: false
        }
    }
}

import SpacesModel

extension Deployer {
    /// Adds line diffs of README.md and the Dockerfile to the plan. Fetches the Space's versions in
    /// one request.
    func attachDiffs(of composition: inout ComposedTree, over state: SpaceHead) async throws(DeployError) {
        guard options.includesDiffs else { return }
        let names: [Path] = ["README.md", "Dockerfile"]
        let new = try await entries(of: composition.tree, names)
        let old = if let head = state.head { try await entries(of: head.tree, names) } else { [:] as Entries }
        let spaceBlobs = names.compactMap { old[$0] == new[$0] ? nil : old[$0]?.id }
        if !spaceBlobs.isEmpty { try await space.fetchBlobs(spaceBlobs) }
        for (index, change) in composition.plan.changes.enumerated() where names.contains(change.path) {
            let before = try await diffSide(old[change.path]), after = try await diffSide(new[change.path])
            guard change.kind != .kept, before != nil || after != nil else { continue }
            composition.plan.changes[index].diff = FileDiff(path: change.path, old: before, new: after).text
        }
    }

    private typealias Entries = [Path: TreeEntry]

    private func entries(of tree: ObjectID, _ names: [Path]) async throws(DeployError) -> [Path: TreeEntry] {
        let entries = try await store.entries(of: tree).filter { names.contains($0.name) && $0.kind.isBlob }
        return Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    }

    private func diffSide(_ entry: TreeEntry?) async throws(DeployError) -> FileDiff.Side? {
        guard let entry else { return nil }
        return FileDiff.Side(kind: entry.kind, id: entry.id, text: try await store.content(of: entry.id))
    }
}

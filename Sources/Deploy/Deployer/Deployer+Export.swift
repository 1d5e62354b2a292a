import DeploySettings
import SpacesModel

extension Deployer {
    /// Composes the tree that a push would send, with all of its files at hand, and hands it to be written; sends
    /// nothing. `options.isWhole` must be set.
    package func export(
        _ write: @Sendable (ComposedTree, SourceSnapshot) async throws(DeployError) -> Void
    ) async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            let prepared = try await makePlan(&report)
            report.outcome = .planned
            report.commit = prepared.state.head?.id
            logBlockers(of: prepared) { $0.severity == .error }
            try await fetchMissingBlobs(of: prepared)
            emit(.step("Writing the tree"))
            try await write(prepared.composition, prepared.snapshot)
        }
    }

    /// Brings, in one request, what a composition takes from the Space: its card, its attributes, what it keeps.
    func fetchSpaceBlobs(_ state: SpaceHead) async throws(DeployError) {
        guard let tree = state.head?.tree else { return }
        let top = try await TreeBuilder(opening: tree, in: store)
        var kept = PreservedPaths(target.keep)
        if !target.keep.isEmpty { try await kept.collect(top, at: .root, in: store) }
        let read: [Path] = ["README.md", ".gitattributes"]
        var blobs = read.compactMap { top[$0]?.blob }
        for (_, node) in kept.nodes { blobs += try await node.blobs(in: store) }
        try await space.fetchBlobs(try await missingBlobs(blobs))
    }

    /// For the rare file that the source should have and only the Space has (a partial clone).
    private func fetchMissingBlobs(of prepared: PreparedDeploy) async throws(DeployError) {
        if let supply = prepared.snapshot.fetchBlobs {
            let own = prepared.composition.lfsFilesByPointer.values.compactMap(\.blob)
            let absent = try await missingBlobs(own)
            if !absent.isEmpty { try await supply(absent) }
        }
        guard let head = prepared.state.head else { return }
        let missing = try await missingBlobs(try await blobs(of: prepared.composition.tree))
        guard !missing.isEmpty else { return }
        let theirs = Set(try await blobs(of: head.tree))
        try await space.fetchBlobs(missing.filter(theirs.contains))
    }

    private func blobs(of tree: ObjectID) async throws(DeployError) -> [ObjectID] {
        try await TreeBuilder.Node.entry(.tree, tree).blobs(in: store)
    }

    /// Those that are not at hand, each once.
    private func missingBlobs(_ blobs: [ObjectID]) async throws(DeployError) -> [ObjectID] {
        var (seen, absent): (Set<ObjectID>, [ObjectID]) = ([], [])
        for blob in blobs where seen.insert(blob).inserted {
            if await !store.contains(blob) { absent.append(blob) }
        }
        return absent
    }
}

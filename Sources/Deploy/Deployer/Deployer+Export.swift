import DeploySettings
import SpacesModel

extension Deployer {
    /// Composes the tree that a push would send, with all of its files in the store, and passes it to
    /// `write`. Sends nothing. `options.needsAllBlobs` must be set.
    package func export(
        _ write: @Sendable (ComposedTree, SourceSnapshot) async throws(DeployError) -> Void
    ) async -> DeployResult {
        await makeResult { (result) async throws(DeployError) in
            let prepared = try await makePlan(&result)
            result.outcome = .planned
            result.commit = prepared.state.head?.id
            logBlockers(of: prepared) { $0.severity == .error }
            try await fetchMissingBlobs(of: prepared)
            emit(.step("Writing the tree"))
            try await write(prepared.composition, prepared.snapshot)
        }
    }

    /// Fetches, in one request, the blobs of the Space that a composition uses: its README, its
    /// attributes and the files it preserves.
    func fetchSpaceBlobs(_ state: SpaceHead) async throws(DeployError) {
        guard let tree = state.head?.tree else { return }
        let top = try await TreeBuilder(opening: tree, in: store)
        var preserved = PreservedPaths(target.keep)
        if !target.keep.isEmpty { try await preserved.collect(top, at: .root, in: store) }
        let names: [Path] = ["README.md", ".gitattributes"]
        var blobs = names.compactMap { top[$0]?.blob }
        for (_, node) in preserved.nodes { blobs += try await node.blobs(in: store) }
        try await space.fetchBlobs(try await missingBlobs(blobs))
    }

    /// Fetches files that are still missing, for the rare case that the source should have a file and
    /// only the Space has it (a partial clone).
    private func fetchMissingBlobs(of prepared: PreparedDeploy) async throws(DeployError) {
        if let fetchSourceBlobs = prepared.snapshot.fetchBlobs {
            let lfsBlobs = prepared.composition.lfsFilesByPointer.values.compactMap(\.blob)
            let missingLFSBlobs = try await missingBlobs(lfsBlobs)
            if !missingLFSBlobs.isEmpty { try await fetchSourceBlobs(missingLFSBlobs) }
        }
        guard let head = prepared.state.head else { return }
        let missing = try await missingBlobs(try await blobs(of: prepared.composition.tree))
        guard !missing.isEmpty else { return }
        let spaceBlobs = Set(try await blobs(of: head.tree))
        try await space.fetchBlobs(missing.filter(spaceBlobs.contains))
    }

    private func blobs(of tree: ObjectID) async throws(DeployError) -> [ObjectID] {
        try await TreeBuilder.Node.entry(.tree, tree).blobs(in: store)
    }

    /// Returns the blobs that are missing from the store, each once.
    private func missingBlobs(_ blobs: [ObjectID]) async throws(DeployError) -> [ObjectID] {
        var (seen, missing): (Set<ObjectID>, [ObjectID]) = ([], [])
        for blob in blobs where seen.insert(blob).inserted {
            if await !store.contains(blob) { missing.append(blob) }
        }
        return missing
    }
}

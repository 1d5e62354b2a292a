import SpacesModel

/// Fetches the contents of files that a composed tree takes from the Space, for commands that need all
/// contents (`export`).
struct SpaceBlobs: Sendable {
    /// The Space's own paths (`keep`).
    let keep: [String]
    let objects: any ObjectDatabase
    let space: any SpaceRepository

    /// Fetches, in one request, the blobs of the Space that a composition uses: its README, its
    /// attributes and the files it preserves.
    func fetchComposed(of state: SpaceHead) async throws(DeployError) {
        guard let tree = state.head?.tree else { return }
        let top = try await TreeBuilder(opening: tree, in: objects)
        var preserved = PreservedPaths(keep)
        if !keep.isEmpty { try await preserved.collect(top, at: .root, in: objects) }
        let names: [Path] = ["README.md", ".gitattributes"]
        var blobs = names.compactMap { top[$0]?.blob }
        for (_, node) in preserved.nodes { blobs += try await node.blobs(in: objects) }
        try await space.fetchBlobs(try await missingBlobs(blobs))
    }

    /// Fetches files that are still missing, for the rare case that the source should have a file and
    /// only the Space has it (a partial clone).
    func fetchMissing(of deploy: PreparedDeploy) async throws(DeployError) {
        if let fetchSourceBlobs = deploy.source.fetchBlobs {
            let lfsBlobs = deploy.draft.composition.lfsFilesByPointer.values.compactMap(\.blob)
            let missingLFSBlobs = try await missingBlobs(lfsBlobs)
            if !missingLFSBlobs.isEmpty { try await fetchSourceBlobs(missingLFSBlobs) }
        }
        guard let head = deploy.space.head else { return }
        let missing = try await missingBlobs(try await blobs(of: deploy.draft.composition.tree))
        guard !missing.isEmpty else { return }
        let spaceBlobs = Set(try await blobs(of: head.tree))
        try await space.fetchBlobs(missing.filter(spaceBlobs.contains))
    }

    private func blobs(of tree: ObjectID) async throws(DeployError) -> [ObjectID] {
        try await TreeBuilder.Node.entry(.tree, tree).blobs(in: objects)
    }

    /// Returns the blobs that are missing from the store, each once.
    private func missingBlobs(_ blobs: [ObjectID]) async throws(DeployError) -> [ObjectID] {
        var (seen, missing): (Set<ObjectID>, [ObjectID]) = ([], [])
        for blob in blobs where seen.insert(blob).inserted {
            if await !objects.contains(blob) { missing.append(blob) }
        }
        return missing
    }
}

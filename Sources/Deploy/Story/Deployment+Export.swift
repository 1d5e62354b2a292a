import DeploySettings
import SpacesModel

extension Deployment {
    /// Composes the tree that a push would send, with all of its files at hand, and hands it to be written; sends
    /// nothing. `options.isWhole` must be set.
    package func export(
        _ write: @Sendable (Composition, Snapshot) async throws(Failure) -> Void
    ) async -> Report {
        await reporting { (report) async throws(Failure) in
            let prepared = try await prepare(&report)
            report.outcome = .planned
            report.commit = prepared.state.head?.id
            tell(of: prepared) { $0.severity == .error }
            try await bringAbsent(of: prepared)
            say(.step("Writing the tree"))
            try await write(prepared.composition, prepared.snapshot)
        }
    }

    /// Brings, in one request, what a composition takes from the Space: its card, its attributes, what it keeps.
    func bringOwn(_ state: SpaceState) async throws(Failure) {
        guard let tree = state.head?.tree else { return }
        let top = try await TreeDraft(opening: tree, in: store)
        var kept = KeptPaths(target.keep)
        if !target.keep.isEmpty { try await kept.collect(top, at: .root, in: store) }
        let read: [Path] = ["README.md", ".gitattributes"]
        var blobs = read.compactMap { top[$0]?.blob }
        for (_, node) in kept.nodes { blobs += try await node.blobs(in: store) }
        try await space.bring(try await absent(blobs))
    }

    /// For the rare file that the source should have and only the Space has (a partial clone).
    private func bringAbsent(of prepared: Prepared) async throws(Failure) {
        if let supply = prepared.snapshot.supply {
            let own = prepared.composition.pointed.values.compactMap(\.blob)
            let absent = try await absent(own)
            if !absent.isEmpty { try await supply(absent) }
        }
        guard let head = prepared.state.head else { return }
        let missing = try await absent(try await blobs(of: prepared.composition.tree))
        guard !missing.isEmpty else { return }
        let theirs = Set(try await blobs(of: head.tree))
        try await space.bring(missing.filter(theirs.contains))
    }

    private func blobs(of tree: ObjectID) async throws(Failure) -> [ObjectID] {
        try await TreeDraft.Node.entry(.tree, tree).blobs(in: store)
    }

    /// Those that are not at hand, each once.
    private func absent(_ blobs: [ObjectID]) async throws(Failure) -> [ObjectID] {
        var (seen, absent): (Set<ObjectID>, [ObjectID]) = ([], [])
        for blob in blobs where seen.insert(blob).inserted {
            if await !store.holds(blob) { absent.append(blob) }
        }
        return absent
    }
}

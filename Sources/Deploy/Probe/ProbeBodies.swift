import DeploySettings
import SpacesModel
import TextTools

/// Request bodies of probes, read from the source.
struct ProbeBodies: Sendable {
    let probes: [Probe]
    let snapshot: SourceSnapshot
    let store: any ObjectDatabase
    private static var maxSize: Int { 10 << 20 }

    /// Checks that all bodies exist, before anything is sent.
    /// - Throws: kind `settings` for a file that is not in the source.
    func check() async throws(DeployError) { _ = try await bodies { _ in } }

    /// Reads the bodies.
    /// - Parameter onSkipped: called for each probe that is skipped because its body is missing in a
    ///   Space's tree, which need not have all files of the source.
    /// - Returns: the probes in order, each with its body.
    func read(_ onSkipped: (Probe) -> Void = { _ in }) async throws(DeployError) -> [(
        Probe, body: [UInt8]?
    )] {
        let bodies = try await bodies(onSkipped)
        var missing: [ObjectID] = []
        for blob in bodies.compactMap(\.blob) where await !store.contains(blob) { missing.append(blob) }
        if !missing.isEmpty { try await snapshot.fetchBlobs?(missing) }
        var results: [(Probe, body: [UInt8]?)] = []
        for (probe, blob) in bodies {
            guard let blob else {
                results.append((probe, nil))
                continue
            }
            guard try await store.size(of: blob) <= Self.maxSize else {
                throw DeployError(
                    .settings, "probe = \(probe): the request body is larger than \(Self.maxSize.asSize)")
            }
            results.append((probe, try await store.content(of: blob)))
        }
        return results
    }

    private func bodies(_ onSkipped: (Probe) -> Void) async throws(DeployError) -> [(
        probe: Probe, blob: ObjectID?
    )] {
        guard probes.contains(where: { $0.body != nil }) else { return probes.map { ($0, nil) } }
        let top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        var bodies: [(probe: Probe, blob: ObjectID?)] = []
        for probe in probes {
            let blob =
                if let path = probe.body { try await top.node(at: path, in: store)?.blob } else {
                    ObjectID?.none
                }
            if let path = probe.body, blob == nil {
                guard snapshot.isFromSpace else { throw missingBodyError(path, probe) }
                onSkipped(probe)
            } else {
                bodies.append((probe, blob))
            }
        }
        return bodies
    }

    private func missingBodyError(_ path: Path, _ probe: Probe) -> DeployError {
        DeployError(
            .settings, "probe = \(probe): the source has no file \(path) for the request body",
            hint: "use a path relative to the root of the source; the file must be in the deployed commit")
    }
}

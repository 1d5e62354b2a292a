import DeploySettings
import SpacesModel
import TextTools

/// What probes send, out of the source.
struct ProbeBodies<Store: ObjectDatabase>: Sendable {
    let probes: [Probe]
    let snapshot: SourceSnapshot
    let store: Store
    private static var maxSize: Int { 10 << 20 }

    /// Before anything is sent.
    /// - Throws: kind `settings` for a file that the source does not hold.
    func check() async throws(DeployError) { _ = try await bodies { _ in } }

    /// - Parameter leftOut: of a Space's tree, which need not hold what the source does: a probe whose body it lacks.
    /// - Returns: the probes in order, each with what it sends.
    func read(_ onSkipped: (Probe) -> Void = { _ in }) async throws(DeployError) -> [(Probe, body: [UInt8]?)]
    {
        let bodies = try await bodies(onSkipped)
        var absent: [ObjectID] = []
        for blob in bodies.compactMap(\.blob) where await !store.contains(blob) { absent.append(blob) }
        if !absent.isEmpty { try await snapshot.fetchBlobs?(absent) }
        var read: [(Probe, body: [UInt8]?)] = []
        for (probe, blob) in bodies {
            guard let blob else {
                read.append((probe, nil))
                continue
            }
            guard try await store.size(of: blob) <= Self.maxSize else {
                throw DeployError(
                    .settings, "probe = \(probe): its body is larger than \(Self.maxSize.asSize)")
            }
            read.append((probe, try await store.content(of: blob)))
        }
        return read
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
            .settings, "probe = \(probe): the source holds no file \(path) for its body",
            hint: "paths are read from the source's top, in the commit that is deployed")
    }
}

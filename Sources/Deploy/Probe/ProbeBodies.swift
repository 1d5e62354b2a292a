import DeploySettings
import SpacesModel
import TextTools

/// What probes send, out of the source.
struct ProbeBodies<Store: ObjectStoring>: Sendable {
    let probes: [Probe]
    let snapshot: Snapshot
    let store: Store
    private static var largest: Int { 10 << 20 }

    /// Before anything is sent.
    /// - Throws: kind `settings` for a file that the source does not hold.
    func check() async throws(Failure) { _ = try await bodies { _ in } }

    /// - Parameter leftOut: of a Space's tree, which need not hold what the source does: a probe whose body it lacks.
    /// - Returns: the probes in order, each with what it sends.
    func read(_ leftOut: (Probe) -> Void = { _ in }) async throws(Failure) -> [(Probe, body: [UInt8]?)] {
        let bodies = try await bodies(leftOut)
        var absent: [ObjectID] = []
        for blob in bodies.compactMap(\.blob) where await !store.holds(blob) { absent.append(blob) }
        if !absent.isEmpty { try await snapshot.supply?(absent) }
        var read: [(Probe, body: [UInt8]?)] = []
        for (probe, blob) in bodies {
            guard let blob else {
                read.append((probe, nil))
                continue
            }
            guard try await store.size(of: blob) <= Self.largest else {
                throw Failure(.settings, "probe = \(probe): its body is larger than \(Self.largest.asSize)")
            }
            read.append((probe, try await store.content(of: blob)))
        }
        return read
    }

    private func bodies(_ leftOut: (Probe) -> Void) async throws(Failure) -> [(probe: Probe, blob: ObjectID?)]
    {
        guard probes.contains(where: { $0.body != nil }) else { return probes.map { ($0, nil) } }
        let top = try await TreeDraft(opening: snapshot.commit.tree, in: store)
        var bodies: [(probe: Probe, blob: ObjectID?)] = []
        for probe in probes {
            let blob =
                if let path = probe.body { try await top.node(at: path, in: store)?.blob } else {
                    ObjectID?.none
                }
            if let path = probe.body, blob == nil {
                guard snapshot.isOfSpace else { throw missing(path, probe) }
                leftOut(probe)
            } else {
                bodies.append((probe, blob))
            }
        }
        return bodies
    }

    private func missing(_ path: Path, _ probe: Probe) -> Failure {
        Failure(
            .settings, "probe = \(probe): the source holds no file \(path) for its body",
            hint: "paths are read from the source's top, in the commit that is deployed")
    }
}

/// What probes send, out of the source.
struct ProbeBodies<Store: ObjectStoring>: Sendable {
    let probes: [Probe]
    let snapshot: Snapshot
    let store: Store
    private static var largest: Int { 10 << 20 }

    /// Before anything is sent.
    /// - Throws: kind `settings` for a file that the source does not hold.
    func check() async throws(Failure) { _ = try await blobs() }

    /// - Returns: the probes in order, each with what it sends.
    func read() async throws(Failure) -> [(Probe, body: [UInt8]?)] {
        let blobs = try await blobs()
        var absent: [ObjectID] = []
        for blob in blobs.compactMap({ $0 }) where await !store.holds(blob) { absent.append(blob) }
        if !absent.isEmpty { try await snapshot.supply?(absent) }
        var read: [(Probe, body: [UInt8]?)] = []
        for (probe, blob) in zip(probes, blobs) {
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

    private func blobs() async throws(Failure) -> [ObjectID?] {
        guard probes.contains(where: { $0.body != nil }) else { return probes.map { _ in nil } }
        let top = try await TreeDraft(opening: snapshot.commit.tree, in: store)
        var blobs: [ObjectID?] = []
        for probe in probes {
            guard let path = probe.body else {
                blobs.append(nil)
                continue
            }
            guard let blob = try await top.node(at: path, in: store)?.blob else {
                throw Failure(
                    .settings, "probe = \(probe): the source holds no file \(path) for its body",
                    hint: "paths are read from the source's top, in the commit that is deployed")
            }
            blobs.append(blob)
        }
        return blobs
    }
}

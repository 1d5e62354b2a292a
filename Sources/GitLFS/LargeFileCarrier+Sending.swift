import Essentials
import Git
import SpacesModel

extension LargeFileCarrier {
    package func send(_ files: [LargeFile], of snapshot: Snapshot, _ say: @escaping ReportTransfer)
        async throws(Failure)
    {
        guard let hub else { throw Failure(.internalFault, "there is no Hub to send LFS objects to") }
        let files = files.filter { $0.pointer.size > 0 }.uniqueByObject
        let places = await source.largeFilePlaces(of: snapshot.commit)
        let gauge = TransferGauge(files.map(\.pointer), say)
        var there = 0
        var run = TransferRun(hub: hub, jobs: access.jobs, gauge: gauge, say: say)
        for batch in files.batches(of: hub.most) {
            let answers = try await hub.ask(.upload, batch.map(\.pointer))
            let wanted = batch.filter { file in
                if case .there? = answers[file.pointer.oid] { false } else { true }
            }
            batch.filter { !wanted.contains($0) }.forEach { gauge.add($0.pointer.size, file: 1) }
            there += batch.count - wanted.count
            try await findLinks(wanted, places)
            let transfers = wanted.map { file in
                Transfer(
                    file: file, answer: answers[file.pointer.oid], origin: origin(of: file, in: places),
                    store: store, access: access, among: wanted.count)
            }
            await run.run(transfers)
            try run.check()
        }
        if there > 0 { say(.detail("\(there == 1 ? "1 was" : "\(there) were") there already")) }
    }

    /// Links to what is not on this machine.
    private func findLinks(_ files: [LargeFile], _ places: LFSPlaces) async throws(Failure) {
        let absent = files.filter { file in
            file.content == .object && links[file.pointer.oid] == nil && places.file(of: file.pointer) == nil
        }
        guard !absent.isEmpty else { return }
        let reasons = try await reasons(why: absent.map(\.pointer), in: places)
        guard let file = absent.first(where: { reasons[$0.pointer.oid] != nil }) else { return }
        throw Failure(
            .source, "the LFS object of \(file.path.shown) is nowhere: \(reasons[file.pointer.oid] ?? "")",
            hint: "from a clone that has it: git lfs push --all origin")
    }

    private func origin(of file: LargeFile, in places: LFSPlaces) -> Transfer.Origin {
        switch file.content {
        case .blob(let blob): .blob(blob)
        case .object:
            if let path = places.file(of: file.pointer) {
                .file(path)
            } else {
                .server(links[file.pointer.oid]?.server, links[file.pointer.oid]?.link)
            }
        }
    }
}

extension Array {
    func batches(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}

extension [LFSPointer] {
    /// Each once, in order.
    var unique: [LFSPointer] {
        var seen: Set<String> = []
        return filter { seen.insert($0.oid).inserted }
    }
}

extension [LargeFile] {
    /// One for each object.
    fileprivate var uniqueByObject: [LargeFile] {
        var seen: Set<String> = []
        return filter { seen.insert($0.pointer.oid).inserted }
    }
}

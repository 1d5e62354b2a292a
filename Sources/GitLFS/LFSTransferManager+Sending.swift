import Essentials
import Git
import SpacesModel

extension LFSTransferManager {
    package func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    {
        guard let hub else { throw DeployError(.internalError, "there is no Hub to send LFS objects to") }
        let files = files.filter { $0.pointer.size > 0 }.uniqueByObject
        let places = await source.lfsEndpoints(of: snapshot.commit)
        let gauge = LFSProgress(files.map(\.pointer), report)
        var there = 0
        var run = LFSTransferQueue(hub: hub, jobs: access.jobs, progress: gauge, report: report)
        for batch in files.batches(of: hub.maxBatchSize) {
            let answers = try await hub.requestBatch(.upload, batch.map(\.pointer))
            let wanted = batch.filter { file in
                if case .present? = answers[file.pointer.oid] { false } else { true }
            }
            batch.filter { !wanted.contains($0) }.forEach { gauge.add($0.pointer.size, file: 1) }
            there += batch.count - wanted.count
            try await findLinks(wanted, places)
            let transfers = wanted.map { file in
                LFSTransfer(
                    file: file, response: answers[file.pointer.oid], origin: origin(of: file, in: places),
                    store: store, access: access, batchSize: wanted.count)
            }
            await run.run(transfers)
            try run.check()
        }
        if there > 0 { report(.detail("\(there == 1 ? "1 was" : "\(there) were") there already")) }
    }

    /// Links to what is not on this machine.
    private func findLinks(_ files: [LFSFile], _ endpoints: LFSEndpoints) async throws(DeployError) {
        let absent = files.filter { file in
            file.content == .object && links[file.pointer.oid] == nil
                && endpoints.file(of: file.pointer) == nil
        }
        guard !absent.isEmpty else { return }
        let reasons = try await reasons(why: absent.map(\.pointer), in: endpoints)
        guard let file = absent.first(where: { reasons[$0.pointer.oid] != nil }) else { return }
        throw DeployError(
            .source, "the LFS object of \(file.path.shown) is nowhere: \(reasons[file.pointer.oid] ?? "")",
            hint: "from a clone that has it: git lfs push --all origin")
    }

    private func origin(of file: LFSFile, in endpoints: LFSEndpoints) -> LFSTransfer.Origin {
        switch file.content {
        case .blob(let blob): .blob(blob)
        case .object:
            if let path = endpoints.file(of: file.pointer) {
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

extension [LFSFile] {
    /// One for each object.
    fileprivate var uniqueByObject: [LFSFile] {
        var seen: Set<String> = []
        return filter { seen.insert($0.pointer.oid).inserted }
    }
}

import Essentials
import Git
import SpacesModel

extension LFSTransferManager {
    package func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    {
        guard let hub else { throw DeployError(.internalError, "there is no Hub to send LFS objects to") }
        let files = files.filter { $0.pointer.size > 0 }.uniqueByObject
        let endpoints = await source.lfsEndpoints(of: snapshot.commit)
        let progress = LFSProgress(files.map(\.pointer), report)
        var existingCount = 0
        var queue = LFSTransferQueue(hub: hub, jobs: access.jobs, progress: progress, report: report)
        for batch in files.batches(of: hub.maxBatchSize) {
            let responses = try await hub.requestBatch(.upload, batch.map(\.pointer))
            let pending = batch.filter { file in
                if case .present? = responses[file.pointer.oid] { false } else { true }
            }
            batch.filter { !pending.contains($0) }.forEach { progress.add($0.pointer.size, file: 1) }
            existingCount += batch.count - pending.count
            try await findLinks(pending, endpoints)
            let transfers = pending.map { file in
                LFSTransfer(
                    file: file, response: responses[file.pointer.oid],
                    origin: origin(of: file, in: endpoints),
                    store: store, access: access, batchSize: pending.count)
            }
            await queue.run(transfers)
            try queue.check()
        }
        if existingCount > 0 {
            report(.detail("\(existingCount == 1 ? "1 was" : "\(existingCount) were") there already"))
        }
    }

    /// Requests links for the objects that are not on this machine.
    private func findLinks(_ files: [LFSFile], _ endpoints: LFSEndpoints) async throws(DeployError) {
        let notLocal = files.filter { file in
            file.content == .object && links[file.pointer.oid] == nil
                && endpoints.file(of: file.pointer) == nil
        }
        guard !notLocal.isEmpty else { return }
        let reasons = try await reasons(why: notLocal.map(\.pointer), in: endpoints)
        guard let file = notLocal.first(where: { reasons[$0.pointer.oid] != nil }) else { return }
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
    /// The distinct objects, in order.
    var unique: [LFSPointer] {
        var seen: Set<String> = []
        return filter { seen.insert($0.oid).inserted }
    }
}

extension [LFSFile] {
    /// One file for each object.
    fileprivate var uniqueByObject: [LFSFile] {
        var seen: Set<String> = []
        return filter { seen.insert($0.pointer.oid).inserted }
    }
}

import Git
import SpacesModel

/// Runs a limited number of transfers concurrently and collects their errors.
struct LFSTransferQueue: Sendable {
    let hub: LFSClient
    let jobs: Int
    let progress: LFSProgress
    let report: ReportTransfer
    private var failures: [(file: LFSFile, failure: DeployError)] = []

    init(hub: LFSClient, jobs: Int, progress: LFSProgress, report: @escaping ReportTransfer) {
        (self.hub, self.jobs, self.progress, self.report) = (hub, jobs, progress, report)
    }

    mutating func run(_ transfers: [LFSTransfer]) async {
        let queue = TransferQueue(transfers)
        let (hub, progress, report) = (hub, progress, report)
        let failed = await withTaskGroup(of: [(LFSFile, DeployError)].self) { group in
            for worker in 0..<min(jobs, transfers.count) {
                group.addTask {
                    var failed: [(LFSFile, DeployError)] = []
                    while let transfer = await queue.next(heavy: worker == 0) {
                        let file = transfer.file
                        do throws(DeployError) {
                            try await transfer.run(to: hub, progress)
                            report(
                                .uploaded(path: file.path, size: file.pointer.size, sha256: file.pointer.oid))
                        } catch {
                            failed.append((file, error))
                            if error.isFatal { await queue.close() }
                        }
                    }
                    return failed
                }
            }
            var all: [(LFSFile, DeployError)] = []
            for await failed in group { all += failed }
            return all
        }
        failures += failed.map { (file: $0.0, failure: $0.1) }
    }

    /// - Throws: all errors combined into one of the most severe kind.
    func check() throws(DeployError) {
        guard let first = failures.first?.failure else { return }
        if let interrupted = failures.first(where: { $0.failure.kind == .interrupted }) {
            throw interrupted.failure
        }
        let order: [DeployError.Kind] = [.internalError, .permissionDenied, .source, .refused, .tryLater]
        let kind = order.first { kind in failures.contains { $0.failure.kind == kind } } ?? first.kind
        let shown = failures.sorted { $0.file.path < $1.file.path }.prefix(20).flatMap { file, failure in
            ["\(file.path.shown): \(failure.message)"] + failure.details.map { "    \($0)" }
        }
        let hiddenCount = failures.count - 20
        let count = failures.count == 1 ? "1 file" : "\(failures.count) files"
        throw DeployError(
            kind, "\(count) could not be uploaded to \(hub.party.name) by LFS; nothing was committed",
            details: shown + (hiddenCount > 0 ? ["… and \(hiddenCount) more"] : []),
            hint: failures.first { $0.failure.kind == kind }?.failure.hint
                ?? "push again: what arrived is not sent twice")
    }
}

extension DeployError {
    /// Whether the remaining transfers would fail for the same reason.
    fileprivate var isFatal: Bool {
        [.interrupted, .permissionDenied, .tryLater, .internalError].contains(kind)
    }
}

/// The queue of pending transfers. Transfers that are held in memory are run one at a time, by one
/// worker.
private actor TransferQueue {
    private var heavy: [LFSTransfer]
    private var light: [LFSTransfer]
    private var isClosed = false

    init(_ transfers: [LFSTransfer]) {
        heavy = transfers.filter(\.isHeavy).reversed()
        light = transfers.filter { !$0.isHeavy }.reversed()
    }

    func next(heavy allowsHeavy: Bool) -> LFSTransfer? {
        guard !isClosed, !Task.isCancelled else { return nil }
        return allowsHeavy ? heavy.popLast() ?? light.popLast() : light.popLast()
    }

    func close() { isClosed = true }
}

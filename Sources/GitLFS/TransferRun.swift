import Git
import SpacesModel

/// Runs transfers, so many at a time, and gathers what went wrong.
struct TransferRun: Sendable {
    let hub: LFSServer
    let jobs: Int
    let gauge: TransferGauge
    let say: ReportTransfer
    private var failures: [(file: LargeFile, failure: Failure)] = []

    init(hub: LFSServer, jobs: Int, gauge: TransferGauge, say: @escaping ReportTransfer) {
        (self.hub, self.jobs, self.gauge, self.say) = (hub, jobs, gauge, say)
    }

    mutating func run(_ transfers: [Transfer]) async {
        let queue = TransferQueue(transfers)
        let (hub, gauge, say) = (hub, gauge, say)
        let failed = await withTaskGroup(of: [(LargeFile, Failure)].self) { group in
            for worker in 0..<min(jobs, transfers.count) {
                group.addTask {
                    var failed: [(LargeFile, Failure)] = []
                    while let transfer = await queue.next(heavy: worker == 0) {
                        let file = transfer.file
                        do throws(Failure) {
                            try await transfer.run(to: hub, gauge)
                            say(.uploaded(path: file.path, size: file.pointer.size, sha256: file.pointer.oid))
                        } catch {
                            failed.append((file, error))
                            if error.endsAll { await queue.close() }
                        }
                    }
                    return failed
                }
            }
            var all: [(LargeFile, Failure)] = []
            for await failed in group { all += failed }
            return all
        }
        failures += failed.map { (file: $0.0, failure: $0.1) }
    }

    /// - Throws: all that went wrong as one, of the gravest kind.
    func check() throws(Failure) {
        guard let first = failures.first?.failure else { return }
        if let stopped = failures.first(where: { $0.failure.kind == .interrupted }) { throw stopped.failure }
        let order: [Failure.Kind] = [.internalFault, .notAllowed, .source, .refused, .tryLater]
        let kind = order.first { kind in failures.contains { $0.failure.kind == kind } } ?? first.kind
        let shown = failures.sorted { $0.file.path < $1.file.path }.prefix(20).flatMap { file, failure in
            ["\(file.path.shown): \(failure.message)"] + failure.details.map { "    \($0)" }
        }
        let rest = failures.count - 20
        let count = failures.count == 1 ? "1 file" : "\(failures.count) files"
        throw Failure(
            kind, "\(count) could not be uploaded to \(hub.party.name) by LFS; nothing was committed",
            details: shown + (rest > 0 ? ["… and \(rest) more"] : []),
            hint: failures.first { $0.failure.kind == kind }?.failure.hint
                ?? "push again: what arrived is not sent twice")
    }
}

extension Failure {
    /// The others would fail alike.
    fileprivate var endsAll: Bool { [.interrupted, .notAllowed, .tryLater, .internalFault].contains(kind) }
}

/// What is still to be sent. What has to be held in memory goes one by one, by one worker.
private actor TransferQueue {
    private var heavy: [Transfer]
    private var light: [Transfer]
    private var isClosed = false

    init(_ transfers: [Transfer]) {
        heavy = transfers.filter(\.isHeavy).reversed()
        light = transfers.filter { !$0.isHeavy }.reversed()
    }

    func next(heavy takesHeavy: Bool) -> Transfer? {
        guard !isClosed, !Task.isCancelled else { return nil }
        return takesHeavy ? heavy.popLast() ?? light.popLast() : light.popLast()
    }

    func close() { isClosed = true }
}

import SpacesModel
import Synchronization
import TextTools

/// The combined progress of all transfers, reported at most every 200 ms.
final class LFSProgress: Sendable {
    private struct State {
        var progress: TransferProgress
        var lastReport = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let report: ReportTransfer
    private static let reportInterval = Duration.milliseconds(200)

    init(_ pointers: [LFSPointer], _ report: @escaping ReportTransfer) {
        let size = pointers.reduce(0) { $0.addingClamped($1.size) }
        state = Mutex(
            State(progress: TransferProgress(files: pointers.count, filesDone: 0, size: size, sent: 0)))
        self.report = report
    }

    /// Adds bytes and finished files. Negative bytes are subtracted when data has to be sent again.
    func add(_ bytes: Int, file: Int = 0) {
        let dueReport = state.withLock { state -> TransferProgress? in
            state.progress.sent = state.progress.sent.addingClamped(bytes)
            state.progress.filesDone += file
            guard state.lastReport.duration(to: .now) >= Self.reportInterval else { return nil }
            state.lastReport = .now
            return state.progress
        }
        if let dueReport { report(.uploading(dueReport)) }
    }
}

/// The progress of one object. Parts that are sent again are counted once.
final class LFSObjectProgress: Sendable {
    private let total: LFSProgress
    private let parts = Mutex<[Int: Int]>([:])

    init(_ total: LFSProgress) { self.total = total }

    func add(_ bytes: Int, at part: Int) {
        parts.withLock { $0[part, default: 0] += bytes }
        total.add(bytes)
    }

    func restart(_ part: Int) {
        let sent = parts.withLock { $0.updateValue(0, forKey: part) ?? 0 }
        if sent > 0 { total.add(-sent) }
    }

    /// Resets the progress of all parts, as the object is sent again.
    func restart() {
        let sent = parts.withLock { parts in
            defer { parts = [:] }
            return parts.values.reduce(0, +)
        }
        if sent > 0 { total.add(-sent) }
    }

    func end() { total.add(0, file: 1) }
}

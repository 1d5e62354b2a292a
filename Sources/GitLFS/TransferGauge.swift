import SpacesModel
import Synchronization
import TextTools

/// How far all transfers are together; says so now and then.
final class TransferGauge: Sendable {
    private struct State {
        var progress: TransferProgress
        var told = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let say: ReportTransfer
    private static let pause = Duration.milliseconds(200)

    init(_ pointers: [LFSPointer], _ say: @escaping ReportTransfer) {
        let size = pointers.reduce(0) { $0.addingClamped($1.size) }
        state = Mutex(
            State(progress: TransferProgress(files: pointers.count, filesDone: 0, size: size, sent: 0)))
        self.say = say
    }

    /// Below zero: what was sent in vain is sent again.
    func add(_ bytes: Int, file: Int = 0) {
        let due = state.withLock { state -> TransferProgress? in
            state.progress.sent = state.progress.sent.addingClamped(bytes)
            state.progress.filesDone += file
            guard state.told.duration(to: .now) >= Self.pause else { return nil }
            state.told = .now
            return state.progress
        }
        if let due { say(.uploading(due)) }
    }
}

/// One object's share of it. A part that is sent once more counts once.
final class TransferShare: Sendable {
    private let gauge: TransferGauge
    private let parts = Mutex<[Int: Int]>([:])

    init(_ gauge: TransferGauge) { self.gauge = gauge }

    func add(_ bytes: Int, at part: Int) {
        parts.withLock { $0[part, default: 0] += bytes }
        gauge.add(bytes)
    }

    func restart(_ part: Int) {
        let sent = parts.withLock { $0.updateValue(0, forKey: part) ?? 0 }
        if sent > 0 { gauge.add(-sent) }
    }

    /// Everything is sent anew.
    func restart() {
        let sent = parts.withLock { parts in
            defer { parts = [:] }
            return parts.values.reduce(0, +)
        }
        if sent > 0 { gauge.add(-sent) }
    }

    func end() { gauge.add(0, file: 1) }
}

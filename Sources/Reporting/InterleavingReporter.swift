import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Serialises the output of parallel deploys. The first unfinished target prints live; the others
/// are buffered until it is their turn. If a target takes longer than `patience`, finished ones are
/// printed first, so that a failure is not hidden behind another target's build. All messages pass
/// through this reporter, so it also redacts tokens.
package final class InterleavingReporter: Reporter {
    private let reporter: any Reporter
    private let buffersEvents: Bool
    private let patience: Duration
    private let state = Mutex(State())

    private struct State {
        /// The targets that are not printed to their end, in order.
        var waiting: [SpaceID] = []
        var bufferedOutputs: [SpaceID: BufferedOutput] = [:]
        var isInOrder = false
        /// The target with an open prompt; all other output is buffered.
        var promptingTarget: SpaceID?
        /// The time since which the active target has been printing without interruption.
        var since = ContinuousClock.now
        var isFlushScheduled = false

        var activeTarget: SpaceID? { promptingTarget ?? waiting.first }
        func shouldBuffer(_ space: SpaceID) -> Bool { space != activeTarget && waiting.contains(space) }
        var hasFinishedTarget: Bool { waiting.dropFirst().contains { bufferedOutputs[$0]?.end != nil } }
    }

    /// - Parameters:
    ///   - buffersEvents: false if the reader can tell the targets apart; then only results are
    /// printed in order.
    ///   - patience: how long the active target prints before finished targets interrupt it.
    package init(_ reporter: any Reporter, buffersEvents: Bool = true, patience: Duration = .seconds(2)) {
        (self.reporter, self.buffersEvents, self.patience) = (reporter, buffersEvents, patience)
    }

    package func beginRun(_ run: RunDescription) {
        state.withLock { state in
            reporter.beginRun(run)
            (state.waiting, state.bufferedOutputs) = (run.hasMultipleSpaces ? run.spaces : [], [:])
            (state.isInOrder, state.since) = (run.isInOrder, .now)
        }
    }

    package func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        let event = event.redacted
        state.withLock { state in
            guard buffersEvents, state.shouldBuffer(space) else {
                return reporter.report(event, of: space, lines)
            }
            state.bufferedOutputs[space, default: BufferedOutput()].add(event, lines)
        }
    }

    package func report(_ report: DeployResult, _ cost: RunStatistics) {
        let report = report.redacted
        state.withLock { state in
            let space = report.space
            guard state.shouldBuffer(space) else {
                reporter.report(report, cost)
                state.waiting.removeAll { $0 == space }
                state.bufferedOutputs[space] = nil
                return advance(&state)
            }
            state.bufferedOutputs[space, default: BufferedOutput()].end = (report, cost)
            flushFinished(&state)
        }
    }

    package func recordResult(_ report: DeployResult, _ cost: RunStatistics) {
        let report = report.redacted
        state.withLock { state in
            state.waiting.removeAll { $0 == report.space }
            state.bufferedOutputs[report.space] = nil
            reporter.recordResult(report, cost)
            advance(&state)
        }
    }

    package func pauseOutput(for space: SpaceID) {
        state.withLock { state in
            state.promptingTarget = space
            state.bufferedOutputs.removeValue(forKey: space)?.replay(space, by: reporter)
            reporter.pauseOutput(for: space)
        }
    }

    package func resumeOutput() {
        state.withLock { state in
            reporter.resumeOutput()
            state.promptingTarget = nil
            advance(&state)
        }
    }

    package func switchActiveTarget(to space: SpaceID, before others: Int) {}

    package func fail(_ failure: DeployError) { state.withLock { _ in reporter.fail(failure.redacted) } }
    package func warn(_ text: String) { state.withLock { _ in reporter.warn(text.redacted) } }
    package func info(_ text: String) { state.withLock { _ in reporter.info(text.redacted) } }

    package func finish() {
        state.withLock { state in
            for space in state.waiting { state.bufferedOutputs[space]?.replay(space, by: reporter) }
            (state.waiting, state.bufferedOutputs) = ([], [:])
            reporter.finish()
        }
    }
}

extension InterleavingReporter {
    /// Makes the first unfinished target active, and prints the finished targets before it.
    private func advance(_ state: inout State) {
        guard state.promptingTarget == nil else { return }
        while let first = state.waiting.first {
            let buffered = state.bufferedOutputs.removeValue(forKey: first)
            buffered?.replay(first, by: reporter)
            guard buffered?.end != nil else { return switchActive(to: first, &state) }
            state.waiting.removeFirst()
        }
    }

    private func switchActive(to space: SpaceID, _ state: inout State) {
        state.since = .now
        reporter.switchActiveTarget(to: space, before: state.waiting.count - 1)
        if state.hasFinishedTarget { flushFinished(&state) }
    }

    /// Prints finished targets if the active target has been printing for `patience`; otherwise
    /// schedules it.
    private func flushFinished(_ state: inout State) {
        guard !state.isInOrder, state.promptingTarget == nil, state.hasFinishedTarget,
            let first = state.waiting.first
        else {
            return
        }
        let remaining = patience - state.since.duration(to: .now)
        guard remaining <= .zero else { return scheduleFlush(remaining, &state) }
        for space in state.waiting.dropFirst() where state.bufferedOutputs[space]?.end != nil {
            state.bufferedOutputs.removeValue(forKey: space)?.replay(space, by: reporter)
            state.waiting.removeAll { $0 == space }
        }
        switchActive(to: first, &state)
    }

    private func scheduleFlush(_ time: Duration, _ state: inout State) {
        guard !state.isFlushScheduled else { return }
        state.isFlushScheduled = true
        Task { [weak self] in
            try? await Task.sleep(for: time)
            self?.runScheduledFlush()
        }
    }

    private func runScheduledFlush() {
        state.withLock { state in
            state.isFlushScheduled = false
            flushFinished(&state)
        }
    }
}

/// The buffered output of a target while another one is printed. Only the end of a long log is
/// kept.
struct BufferedOutput: Sendable {
    private var events: [(event: Event, lines: any CommandCompleting)] = []
    private var logLines = 0
    private var omittedLines = 0
    var end: (report: DeployResult, cost: RunStatistics)?

    /// The maximum number of log lines kept.
    static let maxLogLines = 200

    mutating func add(_ event: Event, _ lines: any CommandCompleting) {
        switch event {
        // Upload progress is outdated when the buffer is printed.
        case .uploading: return
        case .log: logLines += 1
        default: break
        }
        events.append((event, lines))
        if logLines > 2 * Self.maxLogLines { truncateLog() }
    }

    /// Drops the first lines of the log beyond the limit.
    private mutating func truncateLog() {
        var excess = logLines - Self.maxLogLines
        guard excess > 0 else { return }
        (omittedLines, logLines) = (omittedLines + excess, Self.maxLogLines)
        events.removeAll { entry in
            guard entry.event.isLog, excess > 0 else { return false }
            excess -= 1
            return true
        }
    }

    func replay(_ space: SpaceID, by reporter: any Reporter) {
        var truncated = self
        truncated.truncateLog()
        let start = truncated.events.firstIndex { $0.event.isLog } ?? 0
        for (index, entry) in truncated.events.enumerated() {
            if index == start, truncated.omittedLines > 0 {
                let gap = "… \(truncated.omittedLines) lines of the log before these (--json shows all)"
                reporter.report(.detail(gap), of: space, entry.lines)
            }
            reporter.report(entry.event, of: space, entry.lines)
        }
        if let end { reporter.report(end.report, end.cost) }
    }
}

extension Event {
    fileprivate var isLog: Bool { if case .log = self { true } else { false } }
}

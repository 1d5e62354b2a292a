import Deploy
import SpacesModel
import Synchronization

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

    package func send(_ message: ReporterMessage) { state.withLock { send(message.redacted, &$0) } }

    private func send(_ message: ReporterMessage, _ state: inout State) {
        switch message {
        case .begin(let run):
            reporter.send(message)
            (state.waiting, state.bufferedOutputs) = (run.hasMultipleSpaces ? run.spaces : [], [:])
            (state.isInOrder, state.since) = (run.isInOrder, .now)
        case .event(let event, let space, let lines):
            guard buffersEvents, state.shouldBuffer(space) else { return reporter.send(message) }
            state.bufferedOutputs[space, default: BufferedOutput()].add(event, lines)
        case .result(let result) where state.shouldBuffer(result.space):
            state.bufferedOutputs[result.space, default: BufferedOutput()].end = result
            flushFinished(&state)
        case .result(let result), .silentResult(let result):
            reporter.send(message)
            state.waiting.removeAll { $0 == result.space }
            state.bufferedOutputs[result.space] = nil
            advance(&state)
        case .promptBegin(let space):
            state.promptingTarget = space
            state.bufferedOutputs.removeValue(forKey: space)?.replay(space, by: reporter)
            reporter.send(message)
        case .promptEnd:
            reporter.send(message)
            state.promptingTarget = nil
            advance(&state)
        case .error, .warning, .info: reporter.send(message)
        // Only this reporter decides which target is active.
        case .activeTarget: break
        case .end:
            for space in state.waiting { state.bufferedOutputs[space]?.replay(space, by: reporter) }
            (state.waiting, state.bufferedOutputs) = ([], [:])
            reporter.send(message)
        }
    }

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
        reporter.send(.activeTarget(space, waiting: state.waiting.count - 1))
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
    var end: TargetResult?

    /// The maximum number of log lines kept.
    static let maxLogLines = 200

    mutating func add(_ event: Event, _ lines: any CommandCompleting) {
        // Upload progress is outdated when the buffer is printed.
        if case .uploading = event { return }
        if Self.isLog(event) { logLines += 1 }
        events.append((event, lines))
        if logLines > 2 * Self.maxLogLines { truncateLog() }
    }

    /// Drops the first lines of the log beyond the limit.
    private mutating func truncateLog() {
        var excess = logLines - Self.maxLogLines
        guard excess > 0 else { return }
        (omittedLines, logLines) = (omittedLines + excess, Self.maxLogLines)
        events.removeAll { entry in
            guard Self.isLog(entry.event), excess > 0 else { return false }
            excess -= 1
            return true
        }
    }

    private static func isLog(_ event: Event) -> Bool { if case .log = event { true } else { false } }

    func replay(_ space: SpaceID, by reporter: any Reporter) {
        var truncated = self
        truncated.truncateLog()
        let start = truncated.events.firstIndex { Self.isLog($0.event) } ?? 0
        for (index, entry) in truncated.events.enumerated() {
            if index == start, truncated.omittedLines > 0 {
                let gap = "… \(truncated.omittedLines) earlier log lines omitted (--json shows all)"
                reporter.send(.event(.detail(gap), space, entry.lines))
            }
            reporter.send(.event(entry.event, space, entry.lines))
        }
        if let end { reporter.send(.result(end)) }
    }
}

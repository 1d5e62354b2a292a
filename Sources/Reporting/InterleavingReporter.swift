import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Tells stories that happen at once so that people can read them. The first target in order that is not done has the
/// floor and speaks as it goes; what the others say is kept until their turn. One that keeps the floor for long lets
/// those that are done be told in between: nobody waits for another's build to learn that theirs has failed.
/// All messages pass through here, so this is also the place where tokens are redacted.
package final class InterleavingReporter: Reporter {
    private let reporter: any Reporter
    private let buffersEvents: Bool
    private let patience: Duration
    private let state = Mutex(State())

    private struct State {
        /// Those that are not told to their end, in order.
        var waiting: [SpaceID] = []
        var bufferedOutputs: [SpaceID: BufferedOutput] = [:]
        var isInOrder = false
        /// A question of this target is being answered: nobody else is heard.
        var promptingTarget: SpaceID?
        /// Since when whoever has the floor has it without a break.
        var since = ContinuousClock.now
        var isFlushScheduled = false

        var activeTarget: SpaceID? { promptingTarget ?? waiting.first }
        func shouldBuffer(_ space: SpaceID) -> Bool { space != activeTarget && waiting.contains(space) }
        var hasFinishedTarget: Bool { waiting.dropFirst().contains { bufferedOutputs[$0]?.end != nil } }
    }

    /// - Parameters:
    ///   - keepsEvents: false for readers that tell stories apart themselves: their ends alone keep to the order.
    ///   - patience: for so long the floor is one target's own.
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
    /// Gives the floor to the first that is not done, telling what came before.
    private func advance(_ state: inout State) {
        guard state.promptingTarget == nil else { return }
        while let first = state.waiting.first {
            let story = state.bufferedOutputs.removeValue(forKey: first)
            story?.replay(first, by: reporter)
            guard story?.end != nil else { return switchActive(to: first, &state) }
            state.waiting.removeFirst()
        }
    }

    private func switchActive(to space: SpaceID, _ state: inout State) {
        state.since = .now
        reporter.switchActiveTarget(to: space, before: state.waiting.count - 1)
        if state.hasFinishedTarget { flushFinished(&state) }
    }

    /// Tells those that are done, when the floor has been another's for long; else later.
    private func flushFinished(_ state: inout State) {
        guard !state.isInOrder, state.promptingTarget == nil, state.hasFinishedTarget,
            let first = state.waiting.first
        else {
            return
        }
        let left = patience - state.since.duration(to: .now)
        guard left <= .zero else { return scheduleFlush(left, &state) }
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

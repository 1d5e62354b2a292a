import Deploy
import Reporting
import SpacesModel
import Synchronization

/// Prints only the targets of a pass that changed or failed.
final class QuietReporter: Reporter {
    private let reporter: any Reporter
    private let isVerbose: Bool
    private let state = Mutex(State())

    private struct State {
        /// The events of targets with no notable event yet.
        var bufferedEvents: [SpaceID: [(Event, any CommandCompleting)]] = [:]
        var begun: Set<SpaceID> = []
        var costs: [SpaceID: RunStatistics] = [:]
        /// The failures of the previous pass, by Space.
        var previousFailures: [SpaceID: String] = [:]
    }

    /// - Parameter isVerbose: whether all targets are printed, for example on a terminal.
    init(_ reporter: any Reporter, isVerbose: Bool) {
        (self.reporter, self.isVerbose) = (reporter, isVerbose)
    }

    var costs: [SpaceID: RunStatistics] { state.withLock { $0.costs } }

    /// Sets the failures of the previous pass. A target that fails in the same way again is
    /// reported without its log, unless the reporter is verbose.
    func setPreviousFailures(_ previousFailures: [SpaceID: String]) {
        state.withLock { $0.previousFailures = isVerbose ? [:] : previousFailures }
    }

    func beginRun(_ run: RunDescription) { reporter.beginRun(run) }

    func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        guard bufferOrFlush(space, with: event, lines) else { return }
        reporter.report(event, of: space, lines)
    }

    /// Returns whether the event is to be printed; if it is, the buffered events are printed first.
    private func bufferOrFlush(_ space: SpaceID, with event: Event, _ lines: any CommandCompleting) -> Bool {
        let buffered = state.withLock { state -> [(Event, any CommandCompleting)]? in
            guard !state.begun.contains(space) else { return [] }
            guard state.previousFailures[space] == nil ? event.isNotable : event.isChange else {
                state.bufferedEvents[space, default: []].append((event, lines))
                return nil
            }
            state.begun.insert(space)
            return state.bufferedEvents.removeValue(forKey: space) ?? []
        }
        buffered?.forEach { reporter.report($0, of: space, $1) }
        return buffered != nil
    }

    func report(_ report: DeployResult, _ cost: RunStatistics) {
        let (buffered, isBegun, previousFailure) = state.withLock { state in
            state.costs[report.space] = cost
            return (
                state.bufferedEvents.removeValue(forKey: report.space) ?? [],
                state.begun.contains(report.space),
                state.previousFailures[report.space]
            )
        }
        if report.isNoOp || report.isDeferred, !isBegun {
            // Nothing is printed for this target, not even its URL; `recordResult` lets the next
            // target print.
            return reporter.recordResult(report, cost)
        }
        if isBegun || previousFailure != report.mirrorStatus {
            buffered.forEach { reporter.report($0, of: report.space, $1) }
        }
        reporter.report(report, cost)
    }

    func recordResult(_ report: DeployResult, _ cost: RunStatistics) { reporter.recordResult(report, cost) }

    /// Prints the table of a pass if the reporter is verbose or a target changed or failed.
    func reportSummary(_ record: PassReport) {
        guard isVerbose || record.isNotable else { return }
        record.deferrals.forEach { reporter.warn($0) }
        record.table.forEach { reporter.info($0) }
    }

    func switchActiveTarget(to space: SpaceID, before others: Int) {
        reporter.switchActiveTarget(to: space, before: others)
    }
    func fail(_ failure: DeployError) { reporter.fail(failure) }
    func warn(_ text: String) { reporter.warn(text) }
    func info(_ text: String) { if isVerbose { reporter.info(text) } }
    func pauseOutput(for space: SpaceID) { reporter.pauseOutput(for: space) }
    func resumeOutput() { reporter.resumeOutput() }
    func finish() { reporter.finish() }
}

extension Event {
    /// Whether the event changes the Space.
    fileprivate var isChange: Bool {
        switch self {
        case .configured, .uploading, .uploaded, .pushed: true
        default: false
        }
    }

    /// Whether the event is a change or a problem, so that the target is printed.
    fileprivate var isNotable: Bool {
        switch self {
        case .configured, .uploading, .uploaded, .pushed, .stage, .log, .remote, .probed, .warning: true
        default: false
        }
    }
}

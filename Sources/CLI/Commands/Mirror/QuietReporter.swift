import Deploy
import Reporting
import SpacesModel
import Synchronization

/// Says of a pass what somebody would want to know: of a target that did not change nothing at all.
final class QuietReporter: Reporter {
    private let reporter: any Reporter
    private let isVerbose: Bool
    private let state = Mutex(State())

    private struct State {
        /// Of targets of which nothing has happened yet.
        var bufferedEvents: [SpaceID: [(Event, any CommandCompleting)]] = [:]
        var begun: Set<SpaceID> = []
        var costs: [SpaceID: RunStatistics] = [:]
        /// How those failed that were not well after the pass before.
        var previousFailures: [SpaceID: String] = [:]
    }

    /// - Parameter tellsAll: somebody reads along.
    init(_ reporter: any Reporter, isVerbose: Bool) {
        (self.reporter, self.isVerbose) = (reporter, isVerbose)
    }

    var costs: [SpaceID: RunStatistics] { state.withLock { $0.costs } }

    /// What fails as it failed before is told without its log again, where nobody reads along.
    func setPreviousFailures(_ previousFailures: [SpaceID: String]) {
        state.withLock { $0.previousFailures = isVerbose ? [:] : previousFailures }
    }

    func beginRun(_ run: RunDescription) { reporter.beginRun(run) }

    func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        guard bufferOrFlush(space, with: event, lines) else { return }
        reporter.report(event, of: space, lines)
    }

    /// Whether this is to be said; what was kept is said before.
    private func bufferOrFlush(_ space: SpaceID, with event: Event, _ lines: any CommandCompleting) -> Bool {
        let kept = state.withLock { state -> [(Event, any CommandCompleting)]? in
            guard !state.begun.contains(space) else { return [] }
            guard state.previousFailures[space] == nil ? event.isNotable : event.isChange else {
                state.bufferedEvents[space, default: []].append((event, lines))
                return nil
            }
            state.begun.insert(space)
            return state.bufferedEvents.removeValue(forKey: space) ?? []
        }
        kept?.forEach { reporter.report($0, of: space, $1) }
        return kept != nil
    }

    func report(_ report: DeployResult, _ cost: RunStatistics) {
        let (kept, isBegun, ill) = state.withLock { state in
            state.costs[report.space] = cost
            return (
                state.bufferedEvents.removeValue(forKey: report.space) ?? [],
                state.begun.contains(report.space),
                state.previousFailures[report.space]
            )
        }
        if report.isNoOp || report.isDeferred, !isBegun {
            // Nothing is said of it, also no URL: the floor goes on.
            return reporter.recordResult(report, cost)
        }
        if isBegun || ill != report.mirrorStatus {
            kept.forEach { reporter.report($0, of: report.space, $1) }
        }
        reporter.report(report, cost)
    }

    func recordResult(_ report: DeployResult, _ cost: RunStatistics) { reporter.recordResult(report, cost) }

    /// The table of a pass, where somebody reads along or something happened.
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
    /// The pass does something to the Space.
    fileprivate var isChange: Bool {
        switch self {
        case .configured, .uploading, .uploaded, .pushed: true
        default: false
        }
    }

    /// Something is done, or wrong, so that the story is worth telling.
    fileprivate var isNotable: Bool {
        switch self {
        case .configured, .uploading, .uploaded, .pushed, .stage, .log, .remote, .probed, .warning: true
        default: false
        }
    }
}

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

    func send(_ message: ReporterMessage) {
        switch message {
        case .event(let event, let space, let lines):
            if bufferOrFlush(space, with: event, lines) { reporter.send(message) }
        case .result(let result): report(result)
        case .info:
            if isVerbose { reporter.send(message) }
        case .begin, .silentResult, .activeTarget, .error, .warning, .promptBegin, .promptEnd, .end:
            reporter.send(message)
        }
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
        buffered?.forEach { reporter.send(.event($0, space, $1)) }
        return buffered != nil
    }

    private func report(_ result: TargetResult) {
        let (space, deploy) = (result.space, result.deploy)
        let (buffered, isBegun, previousFailure) = state.withLock { state in
            state.costs[space] = result.statistics
            return (
                state.bufferedEvents.removeValue(forKey: space) ?? [], state.begun.contains(space),
                state.previousFailures[space]
            )
        }
        if MirrorState.isNoOp(deploy) || deploy.isDeferred, !isBegun {
            // Nothing is printed for this target, not even its URL; the message lets the next target
            // print.
            return reporter.send(.silentResult(result))
        }
        if isBegun || previousFailure != MirrorState.status(of: deploy) {
            buffered.forEach { reporter.send(.event($0, space, $1)) }
        }
        reporter.send(.result(result))
    }

    /// Prints the table of a pass if the reporter is verbose or a target changed or failed.
    func reportSummary(_ record: PassReport) {
        guard isVerbose || record.isNotable else { return }
        record.deferrals.forEach { reporter.send(.warning($0)) }
        record.table.forEach { reporter.send(.info($0)) }
    }

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

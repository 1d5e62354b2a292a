import Deploy
import SpacesModel
import Synchronization
import TextTools

/// The health of the passes and the metrics of the last one, for monitoring.
final class MirrorHealth: Sendable {
    private struct State {
        var lastPassEnd = ContinuousClock.now
        /// The end of the last pass, including failed passes.
        var lastActivity = ContinuousClock.now
        var hasCompletedPass = false
        /// The maximum duration of a pass.
        var limit = Duration.seconds(20 * 60)
        var failure: DeployError?
        var metrics = "# no pass has ended yet\n"
    }

    private let state = Mutex(State())
    private let pause: Duration

    /// - Parameter pause: from the end of a pass to the start of the next one.
    init(every pause: Duration) { self.pause = pause }

    func recordStart(within limit: Duration) { state.withLock { $0.limit = limit } }

    func recordEnd(_ metrics: String) {
        state.withLock { state in
            (state.lastPassEnd, state.lastActivity, state.hasCompletedPass) = (.now, .now, true)
            (state.failure, state.metrics) = (nil, metrics)
        }
    }

    /// Records that a pass failed before it reached its targets.
    func recordFailure(_ failure: DeployError) {
        state.withLock { ($0.failure, $0.lastActivity) = (failure, .now) }
    }

    /// Whether passes no longer end, successfully or not, so that only a restart of the process
    /// helps. Invalid settings do not count as stuck.
    func isStuck(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { $0.lastActivity.duration(to: now) >= maxInterval($0) }
    }

    private func maxInterval(_ state: State) -> Duration { pause + pause + state.limit }

    var metrics: String { state.withLock { $0.metrics } }

    /// The reason why the process is unhealthy; `nil` if passes run on schedule.
    func errorMessage(at now: ContinuousClock.Instant = .now) -> String? {
        let state = state.withLock { $0 }
        if let failure = state.failure, failure.kind != .tryLater {
            let details = failure.details.first.map { ": \($0)" } ?? ""
            return "the last pass came to nothing: \(failure.message)\(details)"
        }
        let elapsed = state.lastPassEnd.duration(to: now)
        guard elapsed >= maxInterval(state) else { return nil }
        let problem = state.hasCompletedPass ? "no pass has ended" : "no pass has ended since the start"
        return
            "\(problem) for \(elapsed.shortDescription); one is due every \(pause.text) and takes \(state.limit.shortDescription) at most"
            + (state.failure.map { ": \($0.message)" } ?? "")
    }
}

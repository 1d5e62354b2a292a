import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Whether passes come, and what the last one had to tell, for who looks after the process.
final class MirrorHealth: Sendable {
    private struct State {
        var lastPassEnd = ContinuousClock.now
        /// Of a pass that came to nothing, too.
        var lastActivity = ContinuousClock.now
        var hasCompletedPass = false
        /// For so long a pass may take.
        var limit = Duration.seconds(20 * 60)
        var failure: DeployError?
        var metrics = "# no pass has ended yet\n"
    }

    private let state = Mutex(State())
    private let pause: Duration

    /// - Parameter pause: from the end of a pass to the next one's begin.
    init(every pause: Duration) { self.pause = pause }

    func recordStart(within limit: Duration) { state.withLock { $0.limit = limit } }

    func recordEnd(_ metrics: String) {
        state.withLock { state in
            (state.lastPassEnd, state.lastActivity, state.hasCompletedPass) = (.now, .now, true)
            (state.failure, state.metrics) = (nil, metrics)
        }
    }

    /// A pass came to nothing.
    func recordFailure(_ failure: DeployError) {
        state.withLock { ($0.failure, $0.lastActivity) = (failure, .now) }
    }

    /// No pass comes any more, well or ill: what only another process mends. Settings that are wrong are not of that kind.
    func isStuck(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { $0.lastActivity.duration(to: now) >= maxInterval($0) }
    }

    private func maxInterval(_ state: State) -> Duration { pause + pause + state.limit }

    var metrics: String { state.withLock { $0.metrics } }

    /// What is wrong; nil while passes come.
    func errorMessage(at now: ContinuousClock.Instant = .now) -> String? {
        let state = state.withLock { $0 }
        if let trouble = state.failure, trouble.kind != .tryLater {
            let details = trouble.details.first.map { ": \($0)" } ?? ""
            return "the last pass came to nothing: \(trouble.message)\(details)"
        }
        let silence = state.lastPassEnd.duration(to: now)
        guard silence >= maxInterval(state) else { return nil }
        let since = state.hasCompletedPass ? "no pass has ended" : "no pass has ended since the start"
        return
            "\(since) for \(silence.shortDescription); one is due every \(pause.text) and takes \(state.limit.shortDescription) at most"
            + (state.failure.map { ": \($0.message)" } ?? "")
    }
}

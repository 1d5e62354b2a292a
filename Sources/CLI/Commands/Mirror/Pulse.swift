import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Whether passes come, and what the last one had to tell, for who looks after the process.
final class Pulse: Sendable {
    private struct State {
        var last = ContinuousClock.now
        /// Of a pass that came to nothing, too.
        var lastSign = ContinuousClock.now
        var hasEnded = false
        /// For so long a pass may take.
        var limit = Duration.seconds(20 * 60)
        var trouble: Failure?
        var metrics = "# no pass has ended yet\n"
    }

    private let state = Mutex(State())
    private let pause: Duration

    /// - Parameter pause: from the end of a pass to the next one's begin.
    init(every pause: Duration) { self.pause = pause }

    func begins(within limit: Duration) { state.withLock { $0.limit = limit } }

    func ended(_ metrics: String) {
        state.withLock { state in
            (state.last, state.lastSign, state.hasEnded) = (.now, .now, true)
            (state.trouble, state.metrics) = (nil, metrics)
        }
    }

    /// A pass came to nothing.
    func stumbled(_ failure: Failure) { state.withLock { ($0.trouble, $0.lastSign) = (failure, .now) } }

    /// No pass comes any more, well or ill: what only another process mends. Settings that are wrong are not of that kind.
    func isStuck(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { $0.lastSign.duration(to: now) >= longest($0) }
    }

    private func longest(_ state: State) -> Duration { pause + pause + state.limit }

    var metrics: String { state.withLock { $0.metrics } }

    /// What is wrong; nil while passes come.
    func complaint(at now: ContinuousClock.Instant = .now) -> String? {
        let state = state.withLock { $0 }
        if let trouble = state.trouble, trouble.kind != .tryLater {
            let details = trouble.details.first.map { ": \($0)" } ?? ""
            return "the last pass came to nothing: \(trouble.message)\(details)"
        }
        let silence = state.last.duration(to: now)
        guard silence >= longest(state) else { return nil }
        let since = state.hasEnded ? "no pass has ended" : "no pass has ended since the start"
        return
            "\(since) for \(silence.words); one is due every \(pause.text) and takes \(state.limit.words) at most"
            + (state.trouble.map { ": \($0.message)" } ?? "")
    }
}

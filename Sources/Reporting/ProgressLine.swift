import Synchronization

/// The one line of a terminal that says what is going on and for how long. It appears after 250 ms without another
/// line, and gives way to any.
final class ProgressLine: Sendable {
    private let terminal: Terminal
    private let state = Mutex(State())

    private struct State {
        var text: String?
        /// What else goes on.
        var suffix = ""
        var since = ContinuousClock.now
        var quietSince = ContinuousClock.now
        var isShown = false
        var ticker: Task<Void, Never>?
    }

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// Something long goes on.
    func begin(_ text: String, since: ContinuousClock.Instant = .now) {
        state.withLock { state in
            (state.text, state.since, state.quietSince) = (text, since, .now)
            guard state.ticker == nil else { return }
            state.ticker = Task { [weak self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(250))
                    self?.tick()
                }
            }
        }
    }

    /// What goes on is told otherwise now.
    func change(to text: String) { state.withLock { $0.text = $0.text == nil ? nil : text } }

    /// What else goes on, in a few words.
    func add(suffix: String) { state.withLock { $0.suffix = suffix } }

    /// Another line is about to be written.
    func pause() {
        state.withLock { state in
            state.quietSince = .now
            erase(&state)
        }
    }

    /// Nothing goes on any more.
    func end() {
        state.withLock { state in
            erase(&state)
            state.ticker?.cancel()
            (state.ticker, state.text) = (nil, nil)
        }
    }

    private func tick() {
        state.withLock { state in
            guard let text = state.text, state.quietSince.duration(to: .now) >= .milliseconds(250) else {
                return
            }
            let seconds = Int(state.since.duration(to: .now) / .seconds(1))
            let elapsed = seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
            terminal.write("\r\u{1B}[2K       \(text) … \(elapsed)\(state.suffix)")
            state.isShown = true
        }
    }

    private func erase(_ state: inout State) {
        if state.isShown { terminal.write("\r\u{1B}[2K") }
        state.isShown = false
    }
}

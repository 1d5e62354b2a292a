import Synchronization

/// A terminal line with the current activity and its duration. It appears 250 ms after the last
/// output and is erased before the next output.
final class ProgressLine: Sendable {
    private let terminal: Terminal
    private let state = Mutex(State())

    private struct State {
        var text: String?
        /// Other activities.
        var suffix = ""
        var since = ContinuousClock.now
        var quietSince = ContinuousClock.now
        var isShown = false
        var ticker: Task<Void, Never>?
    }

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// Starts an activity.
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

    /// Changes the description of the current activity.
    func change(to text: String) { state.withLock { $0.text = $0.text == nil ? nil : text } }

    /// Sets a short description of other activities.
    func add(suffix: String) { state.withLock { $0.suffix = suffix } }

    /// Erases the line before other output.
    func pause() {
        state.withLock { state in
            state.quietSince = .now
            erase(&state)
        }
    }

    /// Ends the activity.
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

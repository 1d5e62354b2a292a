import Synchronization
import TextTools

/// The last line of a terminal, with the current activity. It appears 250 ms after the last output, is
/// erased before any other output of the same terminal, and is never wider than the window.
package final class LiveLine: Sendable {
    package typealias Content = @Sendable (ContinuousClock.Instant) -> String?

    private let terminal: Terminal
    private let terminals: [Terminal]
    private let style: Style
    private let state = Mutex(State())

    private struct State {
        var content: Content?
        var quietSince = ContinuousClock.now
        /// The width in cells of the line on the terminal; 0 if none is shown.
        var shownWidth = 0
        var frame = 0
        var ticker: Task<Void, Never>?
    }

    private static let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    private static let interval = Duration.milliseconds(125)
    /// How long the terminal must be quiet before the line appears.
    private static let delay = Duration.milliseconds(250)

    /// - Parameters:
    ///   - terminal: where the line is drawn.
    ///   - others: other streams, whose output may go to the same terminal.
    package init(on terminal: Terminal, sharing others: [Terminal] = [], style: Style) {
        (self.terminal, self.style) = (terminal, style)
        terminals = [terminal] + others.filter(\.isTerminal)
        for terminal in terminals { terminal.onWrite { [weak self] in self?.erase() } }
    }

    /// Shows the content, which is requested again for each drawing, until `end`.
    package func show(_ content: @escaping Content) {
        state.withLock { state in
            state.content = content
            guard state.ticker == nil else { return }
            state.ticker = Task { [weak self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.interval)
                    guard let self else { return }
                    self.draw(at: .now)
                }
            }
        }
    }

    package func end() {
        state.withLock { state in
            eraseIfShown(&state)
            state.ticker?.cancel()
            (state.ticker, state.content) = (nil, nil)
        }
    }

    private func erase() {
        state.withLock { state in
            state.quietSince = .now
            eraseIfShown(&state)
        }
    }

    private func eraseIfShown(_ state: inout State) {
        guard state.shownWidth > 0 else { return }
        // A window that became narrower has wrapped the line.
        let wrapped = (state.shownWidth - 1) / max(1, terminal.width ?? 80)
        let up = String(repeating: "\u{1B}[1A\u{1B}[2K", count: wrapped)
        terminal.writeBelow(Array("\r\u{1B}[2K\(up)".utf8))
        state.shownWidth = 0
    }

    func draw(at now: ContinuousClock.Instant) {
        // Outside the lock, because the content has a lock of its own.
        guard let content = state.withLock({ $0.content }), !terminals.contains(where: \.isLineOpen) else {
            return
        }
        guard let text = content(now) else { return state.withLock { eraseIfShown(&$0) } }
        state.withLock { state in
            guard state.content != nil, state.quietSince.duration(to: now) >= Self.delay else { return }
            // The width is requested for each drawing, as the window may have been resized. The last
            // column stays free: some terminals wrap after writing to it.
            let width = max(1, (terminal.width ?? 80) - 1)
            let spinner = Self.frames[state.frame % Self.frames.count]
            state.frame += 1
            let line = "\(spinner) \(text)".truncatedEnd(to: width)
            eraseIfShown(&state)
            terminal.writeBelow(Array("\r\(line)".utf8))
            state.shownWidth = line.cellWidth
        }
    }
}

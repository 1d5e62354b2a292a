import SpacesModel
import Synchronization
import TextTools

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
            let elapsed = state.since.duration(to: .now).text(.running)
            terminal.write("\r\u{1B}[2K       \(text) … \(elapsed)\(state.suffix)")
            state.isShown = true
        }
    }

    private func erase(_ state: inout State) {
        if state.isShown { terminal.write("\r\u{1B}[2K") }
        state.isShown = false
    }
}

/// Formats the progress of an upload: amount, rate, remaining time, and the names of the first
/// files.
struct UploadProgressFormatter: Sendable {
    private var began: ContinuousClock.Instant?
    private var start = 0
    private var lastReport: ContinuousClock.Instant?
    private var files = 0

    /// The maximum number of files that are named.
    private static let maxNamedFiles = 10
    /// The interval between lines if there is no progress line.
    private static let pause = Duration.seconds(10)

    /// Returns a line such as `3 of 12 files, 34.5 of 120.0 MiB, 12.3 MiB/s, 8 s left`.
    mutating func line(_ progress: TransferProgress, at now: ContinuousClock.Instant = .now) -> String {
        let began = began ?? now
        if self.began == nil { (self.began, start) = (now, progress.sent) }
        var parts = [
            "\(progress.filesDone) of \(progress.files) files",
            "\(progress.sent.asSize) of \(progress.size.asSize)",
        ]
        let seconds = began.duration(to: now) / .seconds(1)
        let rate = seconds > 0 ? Double(max(0, progress.sent - start)) / seconds : 0
        if seconds >= 1, rate >= 1 {
            let remaining = Double(max(0, progress.size - progress.sent)) / rate
            parts.append("\(Int(rate).asSize)/s")
            parts.append("\(Duration.seconds(min(remaining, 1e9).rounded()).text(.elapsed)) left")
        }
        return parts.joined(separator: ", ")
    }

    /// Returns whether the next line is due, and starts a new interval if it is.
    mutating func isDue(at now: ContinuousClock.Instant = .now) -> Bool {
        guard let last = lastReport ?? began, last.duration(to: now) >= Self.pause else { return false }
        lastReport = now
        return true
    }

    /// Counts a file and returns whether it is to be named.
    mutating func countFile() -> Bool {
        files += 1
        return files <= Self.maxNamedFiles
    }

    /// A line with the number of files that were not named, for the end of the upload; `nil` if
    /// there are none.
    var remainder: String? { files > Self.maxNamedFiles ? "… and \(files - Self.maxNamedFiles) more" : nil }
}

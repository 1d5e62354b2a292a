import SpacesModel
import TextTools

/// What is said of an upload: how far it is, how fast, how long it will take; and of its files the first few.
struct UploadProgressFormatter: Sendable {
    private var began: ContinuousClock.Instant?
    private var start = 0
    private var lastReport: ContinuousClock.Instant?
    private var files = 0

    /// Files that are named one by one.
    private static let maxNamedFiles = 10
    /// Between two lines where nothing moves on the screen.
    private static let pause = Duration.seconds(10)

    /// `3 of 12 files, 34.5 of 120.0 MiB, 12.3 MiB/s, 8 s left`.
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
            let left = Double(max(0, progress.size - progress.sent)) / rate
            parts.append("\(Int(rate).asSize)/s")
            parts.append("\(Duration.seconds(min(left, 1e9).rounded()).asSeconds) left")
        }
        return parts.joined(separator: ", ")
    }

    /// Whether it is time for another line.
    mutating func isDue(at now: ContinuousClock.Instant = .now) -> Bool {
        guard let last = lastReport ?? began, last.duration(to: now) >= Self.pause else { return false }
        lastReport = now
        return true
    }

    /// Whether this file is named.
    mutating func countFile() -> Bool {
        files += 1
        return files <= Self.maxNamedFiles
    }

    /// What was not named, once all is sent.
    var remainder: String? { files > Self.maxNamedFiles ? "… and \(files - Self.maxNamedFiles) more" : nil }
}

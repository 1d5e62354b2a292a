import SpacesModel
import TextTools

/// The progress of an upload for a live line: share, amount, rate of the last seconds and remaining time.
struct TransferMeter: Sendable {
    private var samples: [(time: ContinuousClock.Instant, sent: Int)] = []
    private(set) var progress: TransferProgress?

    /// The time over which the rate is measured: it follows changes, but not each chunk.
    private static let window = Duration.seconds(5)

    mutating func update(_ progress: TransferProgress, at now: ContinuousClock.Instant) {
        self.progress = progress
        samples.append((now, progress.sent))
        // The newest sample before the window is kept, as its start.
        while samples.count > 2, samples[1].time.duration(to: now) >= Self.window { samples.removeFirst() }
    }

    /// The bytes per second; `nil` during the first second.
    func rate(at now: ContinuousClock.Instant) -> Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let seconds = first.time.duration(to: now) / .seconds(1)
        return seconds >= 1 ? Double(max(0, last.sent - first.sent)) / seconds : nil
    }

    /// Returns a text such as `38 %  102.0 MiB of 267.0 MiB  20.4 MiB/s  8 s left`; `nil` before the first
    /// progress.
    func text(at now: ContinuousClock.Instant) -> String? {
        guard let progress else { return nil }
        let share = progress.size > 0 ? Double(progress.sent) / Double(progress.size) : 1
        var parts = [
            "\(Int(min(max(share, 0), 1) * 100)) %", "\(progress.sent.asSize) of \(progress.size.asSize)",
        ]
        parts += rateTexts(at: now)
        if progress.files > 1 { parts.append("\(progress.filesDone) of \(progress.files) files") }
        return parts.joined(separator: "  ")
    }

    /// Returns the rate and, if anything arrives, the remaining time: `20.4 MiB/s`, `8 s left`.
    func rateTexts(at now: ContinuousClock.Instant) -> [String] {
        guard let progress, let rate = rate(at: now) else { return [] }
        guard rate >= 1 else { return ["\(Int(rate).asSize)/s"] }
        let remaining = Double(max(0, progress.size - progress.sent)) / rate
        return [
            "\(Int(rate).asSize)/s",
            "\(Duration.seconds(min(remaining, 1e9).rounded(.up)).text(.running)) left",
        ]
    }

    /// Returns a text such as `2 files, 267.0 MiB at 20.4 MiB/s`.
    func summary(after elapsed: Duration) -> String? {
        guard let progress else { return nil }
        let seconds = elapsed / .seconds(1)
        let rate = seconds >= 1 ? " at \(Int(Double(progress.size) / seconds).asSize)/s" : ""
        return "\(counted(progress.files, "file")), \(progress.size.asSize)\(rate)"
    }
}

/// Formats the progress of an upload for a log: amount, rate, remaining time, and the names of the first
/// files.
struct UploadProgressFormatter: Sendable {
    private var meter = TransferMeter()
    private var lastReport: ContinuousClock.Instant?
    private var files = 0

    /// The maximum number of files that are named.
    private static let maxNamedFiles = 10
    /// The interval between lines if there is no progress line.
    private static let pause = Duration.seconds(10)

    /// Returns a line such as `3 of 12 files, 34.5 of 120.0 MiB, 12.3 MiB/s, 8 s left`.
    mutating func line(_ progress: TransferProgress, at now: ContinuousClock.Instant = .now) -> String {
        if lastReport == nil { lastReport = now }
        meter.update(progress, at: now)
        let amounts = [
            "\(progress.filesDone) of \(progress.files) files",
            "\(progress.sent.asSize) of \(progress.size.asSize)",
        ]
        return (amounts + meter.rateTexts(at: now)).joined(separator: ", ")
    }

    /// Returns whether the next line is due, and starts a new interval if it is.
    mutating func isDue(at now: ContinuousClock.Instant = .now) -> Bool {
        guard let last = lastReport, last.duration(to: now) >= Self.pause else { return false }
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

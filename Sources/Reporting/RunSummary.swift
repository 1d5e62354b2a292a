import Deploy
import SpacesModel
import TextTools

/// The last line of a run: the outcomes of all targets, because errors may have scrolled out of
/// view.
struct RunSummary {
    private var ended: [String: Int] = [:]
    private var failed: [String] = []
    /// The maximum number of names in the line.
    private static let maxNames = 10

    mutating func add(_ report: DeployResult) {
        if report.isDeferred {
            ended["deferred", default: 0] += 1
        } else if let failure = report.failure {
            failed.append("\(report.space) (\(failure.kind.exitCode))")
        } else {
            ended[report.outcome.rawValue, default: 0] += 1
        }
    }

    /// The summary; `nil` if no target failed.
    var line: String? {
        guard !failed.isEmpty else { return nil }
        let succeeded = ended.sorted { $0.key < $1.key }.map { "\($1) \($0)" }
        let more = failed.count > Self.maxNames ? " and \(failed.count - Self.maxNames) more" : ""
        let names = failed.sorted().prefix(Self.maxNames).joined(separator: ", ") + more
        return (succeeded + ["\(failed.count) failed, with exit code: \(names)"]).joined(separator: "; ")
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
            parts.append("\(Duration.seconds(min(remaining, 1e9).rounded()).asSeconds) left")
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

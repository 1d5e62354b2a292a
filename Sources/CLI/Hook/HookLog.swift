import Deploy
import Essentials
import Git

/// The log of one hook run: its output (`.log`) and the journal of its deploys (`.jsonl`). A lock
/// on the `.log` file shows that the run is active; the system releases the lock when the process
/// ends.
struct HookLog: Sendable {
    /// The path without file extension.
    let path: String

    init(path: String) { self.path = path }

    /// Creates a new log; `nil` if the directory cannot be written to.
    init?(newIn directory: String) {
        let timestamp = Date().formatted(
            .iso8601.year().month().day().dateSeparator(.omitted).timeSeparator(.omitted)
                .time(includingFractionalSeconds: true))
        path = "\(directory)/\(timestamp)-\(getpid())"
        let file = open(logPath, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        close(file)
    }

    /// The file name, which sorts by time.
    var name: String { path.lastPathComponent }
    var logPath: String { path + ".log" }

    var isRunning: Bool {
        let file = PlainFile.open(logPath, O_RDONLY)
        defer { close(file) }
        return file >= 0 && flock(file, LOCK_SH | LOCK_NB) != 0
    }

    /// Marks the run as active for the lifetime of this process.
    /// - Parameter file: the open log.
    static func attachLock(to file: Int32) { _ = flock(file, LOCK_EX | LOCK_NB) }

    /// The journal of the deploys; `nil` if none is readable. Earlier versions wrote one JSON
    /// object instead.
    var outcome: HookOutcome? {
        if let outcome = HookJournal.read(journalPath) { return outcome }
        guard let bytes = PlainFile.read(path + ".json", limit: 1 << 20) else { return nil }
        return try? JSONDecoder().decode(HookOutcome.self, from: Data(bytes))
    }

    var journalPath: String { path + ".jsonl" }

    /// Whether the pusher was disconnected before the run ended.
    var isDetached: Bool { access(path + ".left", F_OK) == 0 }
    func markDetached() { PlainFile.replace(path + ".left", with: []) }
    func clearDetached() { unlink(path + ".left") }

    func remove() {
        for suffix in [".log", ".jsonl", ".json", ".new", ".refs", ".left"] { unlink(path + suffix) }
    }

    /// Whether the run wrote no output.
    var isEmpty: Bool {
        var status = stat()
        return stat(logPath, &status) == 0 && status.st_size == 0
    }
}

/// The outcome of a push.
struct HookOutcome: Codable, Hashable, Sendable {
    var version = CommandLineTool.version
    var process: Int32
    /// Seconds since 1970, like `ended`.
    var began: Double
    var ended: Double?
    var deploys: [Entry] = []
    /// The number of deploys beyond the journal's limit, which are only counted.
    var omitted: Int?

    /// The recorded deploys, and one entry for all that were only counted.
    var entries: [Entry] {
        guard let omitted, let last = deploys.last else { return deploys }
        var summary = Entry(space: "", branch: last.branch, source: last.source)
        (summary.outcome, summary.ended) = (DeployResult.Outcome.refused.rawValue, ended)
        summary.message = "\(omitted) more results are not recorded"
        return deploys + [summary]
    }

    struct Entry: Codable, Hashable, Sendable {
        var space: String
        var branch: String
        /// The commit that was pushed to the repository.
        var source: String
        /// The URL of the Space on the Hub.
        var page: String?
        /// The commit on the Space.
        var commit: String?
        var stage: String?
        var app: String?
        /// The outcome, as in a result (design 5).
        var outcome: String?
        var exit: Int?
        var message: String?
        /// Seconds since 1970.
        var ended: Double?
    }
}

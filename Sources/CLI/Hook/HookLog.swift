import Deploy
import Essentials
import Git

/// One run of a hook: its output (`.log`) and the journal of its deploys (`.jsonl`). A lock on the first tells whether it
/// goes on; the system takes it back when the process dies.
struct HookLog: Sendable {
    /// Without the ending.
    let path: String

    init(path: String) { self.path = path }

    /// Claims a new one; nil where nothing can be written.
    init?(newIn folder: String) {
        let now = Date().formatted(
            .iso8601.year().month().day().dateSeparator(.omitted).timeSeparator(.omitted)
                .time(includingFractionalSeconds: true))
        path = "\(folder)/\(now)-\(getpid())"
        let file = open(logPath, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        close(file)
    }

    /// Sorts by time.
    var name: String { path.lastPathComponent }
    var logPath: String { path + ".log" }

    var isRunning: Bool {
        let file = PlainFile.open(logPath, O_RDONLY)
        defer { close(file) }
        return file >= 0 && flock(file, LOCK_SH | LOCK_NB) != 0
    }

    /// Says that the story goes on, as long as this process lives.
    /// - Parameter file: the open log.
    static func attachLock(to file: Int32) { _ = flock(file, LOCK_EX | LOCK_NB) }

    /// The journal of the deploys; `nil` if none is readable. Earlier versions wrote one JSON object instead.
    var outcome: HookOutcome? {
        if let outcome = HookJournal.read(journalPath) { return outcome }
        guard let bytes = PlainFile.read(path + ".json", limit: 1 << 20) else { return nil }
        return try? JSONDecoder().decode(HookOutcome.self, from: Data(bytes))
    }

    var journalPath: String { path + ".jsonl" }

    /// The pusher was let go before its end.
    var isDetached: Bool { access(path + ".left", F_OK) == 0 }
    func markDetached() { PlainFile.replace(path + ".left", with: []) }
    func clearDetached() { unlink(path + ".left") }

    func remove() {
        for ending in [".log", ".jsonl", ".json", ".new", ".refs", ".left"] { unlink(path + ending) }
    }

    /// A story that told nothing.
    var isEmpty: Bool {
        var status = stat()
        return stat(logPath, &status) == 0 && status.st_size == 0
    }
}

/// What came of a push.
struct HookOutcome: Codable, Hashable, Sendable {
    var version = CommandLineTool.version
    var process: Int32
    /// Seconds since 1970.
    var began: Double
    var ended: Double?
    var deploys: [Entry] = []
    /// Deploys beyond the journal's limit, which are counted only.
    var omitted: Int?

    /// The recorded deploys, and one entry for all that were only counted.
    var entries: [Entry] {
        guard let omitted, let last = deploys.last else { return deploys }
        var rest = Entry(space: "", branch: last.branch, source: last.source)
        (rest.outcome, rest.ended) = (DeployResult.Outcome.refused.rawValue, ended)
        rest.message = "\(omitted) more results are not recorded"
        return deploys + [rest]
    }

    struct Entry: Codable, Hashable, Sendable {
        var space: String
        var branch: String
        /// The commit that was pushed to the repository.
        var source: String
        /// The Space on its Hub.
        var page: String?
        /// Of the Space.
        var commit: String?
        var stage: String?
        var app: String?
        /// As in a result (design 5).
        var outcome: String?
        var exit: Int?
        var message: String?
        /// Seconds since 1970.
        var ended: Double?
    }
}

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

/// The directory of a hook's logs: in the repository, or in the pusher's cache if the pusher cannot
/// write to the repository. Readable only by its owner.
struct HookLogDirectory: Sendable {
    let path: String
    /// The repository that the logs belong to.
    let repository: String

    /// The maximum number of logs kept.
    static let maxLogs = 50

    private init(_ path: String, _ repository: String) { (self.path, self.repository) = (path, repository) }

    /// The directory inside the repository.
    init(of repository: String) { self.init(repository + "/spacesync", repository) }

    private var logDirectory: String { path + "/log" }

    private static func all(of repository: String, _ environment: CommandEnvironment) -> [HookLogDirectory] {
        let name = String(repository.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }.suffix(200))
        let userCache = environment.cacheHome.map { $0 + "/spacesync" }.flatMap { path in
            (try? Cache(at: path).checkOwner()).map { path }
        }
        let cache = userCache.map { HookLogDirectory("\($0)/hooks/\(name)", repository) }
        return [HookLogDirectory(of: repository)] + [cache].compactMap { $0 }
    }

    /// Creates a log in the first writable directory; `nil` if none is writable.
    static func createLog(in repository: String, _ environment: CommandEnvironment) -> HookLog? {
        for candidate in all(of: repository, environment) {
            try? FileManager.default.createDirectory(
                atPath: candidate.logDirectory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            guard candidate.isSafe else { continue }
            candidate.prune()
            if let log = HookLog(newIn: candidate.logDirectory) { return log }
        }
        return nil
    }

    /// Returns the logs of a repository, the newest first.
    static func logs(of repository: String, _ environment: CommandEnvironment) -> [HookLog] {
        all(of: repository, environment).flatMap(\.logs).sorted { $0.name > $1.name }
    }

    /// Whether no link of another user leads out of the directory. The owner of the repository may
    /// store logs elsewhere.
    private var isSafe: Bool {
        let isInCache = !path.hasPrefix(repository + "/")
        let parent = path.deletingLastPathComponent
        return [parent, path, logDirectory].allSatisfy { directory in
            var info = stat()
            guard lstat(directory, &info) == 0 else { return false }
            guard info.st_mode & S_IFMT == S_IFLNK else { return true }
            return !isInCache && (info.st_uid == geteuid() || info.st_uid == 0)
        }
    }

    private var logs: [HookLog] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: logDirectory)) ?? []
        // Only files named like logs are pruned.
        let logNames = names.filter {
            $0.hasSuffix(".log") && $0.prefix(8).allSatisfy(\.isNumber) && $0.dropFirst(8).first == "T"
        }
        return logNames.map { HookLog(path: logDirectory + "/" + $0.dropLast(4)) }
    }

    private func prune() {
        let old = logs.sorted { $0.name > $1.name }.dropFirst(Self.maxLogs - 1)
        for log in old where !log.isRunning { log.remove() }
    }
}

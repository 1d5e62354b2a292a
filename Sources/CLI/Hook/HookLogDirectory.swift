import Essentials
import Git

/// Where a hook keeps the stories of its deploys: in the repository, or in the cache of who pushed where the repository
/// is not theirs to write to. Readable by its owner alone.
struct HookLogDirectory: Sendable {
    let path: String
    /// The repository that it tells of.
    let repository: String

    /// Stories that are kept.
    static let maxLogs = 50

    private init(_ path: String, _ repository: String) { (self.path, self.repository) = (path, repository) }

    /// The repository's own.
    init(of repository: String) { self.init(repository + "/spacesync", repository) }

    private var logDirectory: String { path + "/log" }

    private static func all(of repository: String, _ environment: CommandEnvironment) -> [HookLogDirectory] {
        let name = String(repository.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }.suffix(200))
        let own = environment.cacheHome.map { $0 + "/spacesync" }.flatMap { path in
            (try? Cache(at: path).checkOwner()).map { path }
        }
        let cache = own.map { HookLogDirectory("\($0)/hooks/\(name)", repository) }
        return [HookLogDirectory(of: repository)] + [cache].compactMap { $0 }
    }

    /// Begins a story in the first of the places that can be written to; nil where there is none.
    static func createLog(in repository: String, _ environment: CommandEnvironment) -> HookLog? {
        for folder in all(of: repository, environment) {
            try? FileManager.default.createDirectory(
                atPath: folder.logDirectory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            guard folder.isSafe else { continue }
            folder.prune()
            if let story = HookLog(newIn: folder.logDirectory) { return story }
        }
        return nil
    }

    /// The stories of a repository, the newest first.
    static func logs(of repository: String, _ environment: CommandEnvironment) -> [HookLog] {
        all(of: repository, environment).flatMap(\.logs).sorted { $0.name > $1.name }
    }

    /// False if a link of somebody else leads out of it. The owner of the repository may keep logs elsewhere.
    private var isSafe: Bool {
        let isInCache = !path.hasPrefix(repository + "/")
        let above = path.deletingLastPathComponent
        return [above, path, logDirectory].allSatisfy { folder in
            var info = stat()
            guard lstat(folder, &info) == 0 else { return false }
            guard info.st_mode & S_IFMT == S_IFLNK else { return true }
            return !isInCache && (info.st_uid == geteuid() || info.st_uid == 0)
        }
    }

    private var logs: [HookLog] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: logDirectory)) ?? []
        // What is pruned is nobody else's.
        let own = names.filter {
            $0.hasSuffix(".log") && $0.prefix(8).allSatisfy(\.isNumber) && $0.dropFirst(8).first == "T"
        }
        return own.map { HookLog(path: logDirectory + "/" + $0.dropLast(4)) }
    }

    private func prune() {
        let old = logs.sorted { $0.name > $1.name }.dropFirst(Self.maxLogs - 1)
        for story in old where !story.isRunning { story.remove() }
    }
}

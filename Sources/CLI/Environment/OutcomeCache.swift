import Essentials
import Git
import SpacesModel

/// How the last deploys of one Space ended: a small text file of the cache, a line `COMMIT ran` or `COMMIT failed` for each,
/// oldest first. Losing it costs that later runs do not know whether a deploy ran.
struct OutcomeCache: OutcomeStoring {
    private let cache: String
    private let name: String
    private static let directory = "outcomes"
    /// Deploys that are kept.
    private static let limit = 100
    /// Bytes that are read; more than `limit` lines have.
    private static let size = 16 << 10

    /// - Parameters:
    ///   - cache: the directory of the cache, which belongs to this user.
    ///   - hub: the Hub as part of a file name.
    init(in cache: String, at hub: String, _ space: SpaceID) {
        self.cache = cache
        // "+" is in no owner and no name, so that a-b/c and a/b-c have files of their own.
        name = "\(hub)+\(space.owner)+\(space.name)".lowercased()
    }

    private var path: String { "\(cache)/\(Self.directory)/\(name)" }

    func outcomes() -> [ObjectID: DeployOutcome] {
        Dictionary(entries().map { ($0.commit, $0.outcome) }) { $1 }
    }

    func store(_ outcome: DeployOutcome, of commit: ObjectID) {
        let kept = entries().filter { $0.commit != commit } + [(commit, outcome)]
        let text = kept.suffix(Self.limit).map { "\($0.commit) \($0.outcome.rawValue)\n" }.joined()
        PlainFile.makeDirectory(Self.directory, in: cache)
        PlainFile.replace(path, with: text.utf8)
    }

    /// What is not a line of ours is skipped.
    private func entries() -> [(commit: ObjectID, outcome: DeployOutcome)] {
        guard isOurs(cache + "/" + Self.directory), isOurs(path),
            let bytes = PlainFile.read(path, limit: Self.size)
        else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard words.count == 2, let commit = ObjectID(String(decoding: words[0], as: UTF8.self)),
                let outcome = DeployOutcome(rawValue: String(decoding: words[1], as: UTF8.self)),
                outcome != .unknown
            else { return nil }
            return (commit, outcome)
        }
    }

    /// Whether nobody else decides what is there: it belongs to this user, and is no link.
    private func isOurs(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_uid == geteuid() && info.st_mode & S_IFMT != S_IFLNK
            && info.st_mode & 0o002 == 0
    }
}

extension RunContext {
    func outcomes(of space: SpaceID) -> OutcomeCache {
        OutcomeCache(in: cache.path, at: endpoint.fileName, space)
    }
}

import Essentials
import Git
import SpacesModel
import TextTools

/// A cache of the outcomes of the last deploys of one Space: a text file with a line `COMMIT ran`
/// or `COMMIT failed` for each, oldest first. If the file is lost, later runs do not know whether a
/// deploy ran.
struct OutcomeCache: OutcomeStoring {
    private let file: SpaceCacheFile
    /// The maximum number of stored deploys.
    private static let limit = 100
    /// The maximum number of bytes read; more than `limit` lines take.
    private static let size = 16 << 10

    /// - Parameters:
    ///   - cache: the cache directory, owned by this user.
    ///   - hub: the Hub's name as part of a file name.
    init(in cache: String, at hub: String, _ space: SpaceID) {
        file = SpaceCacheFile(in: cache, "outcomes", at: hub, space)
    }

    func outcomes() -> [ObjectID: DeployOutcome] {
        Dictionary(entries().map { ($0.commit, $0.outcome) }) { $1 }
    }

    func store(_ outcome: DeployOutcome, of commit: ObjectID) {
        let updated = entries().filter { $0.commit != commit } + [(commit, outcome)]
        let text = updated.suffix(Self.limit).map { "\($0.commit) \($0.outcome.rawValue)\n" }.joined()
        file.replace(with: text)
    }

    /// Returns the valid lines; others are skipped.
    private func entries() -> [(commit: ObjectID, outcome: DeployOutcome)] {
        guard let bytes = file.read(limit: Self.size) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard fields.count == 2, let commit = ObjectID(String(decoding: fields[0], as: UTF8.self)),
                let outcome = DeployOutcome(rawValue: String(decoding: fields[1], as: UTF8.self)),
                outcome != .unknown
            else { return nil }
            return (commit, outcome)
        }
    }
}

/// A cache of the last known deploy of one Space, for `list`: a text file with one line. If the file is
/// lost, `list` does not show the deploy until the next `push`, `status` or `history`.
struct DeployCache: Sendable {
    /// The source and time of the commit that was the Space's head.
    struct Entry: Hashable, Sendable {
        var head: ObjectID
        /// The time of the deploy in seconds since 1970; `nil` if it is unknown.
        var time: Int64?
        /// The source commit; `nil` if the deploy has none (a rollback).
        var source: ObjectID?
        var branch: String?
    }

    private let file: SpaceCacheFile
    private static let size = 4 << 10

    init(in cache: String, at hub: String, _ space: SpaceID) {
        file = SpaceCacheFile(in: cache, "deploys", at: hub, space)
    }

    func store(_ entry: Entry) {
        let fields = [
            entry.head.description, entry.time.map { "\($0)" } ?? "-", entry.source?.description ?? "-",
            entry.branch?.shortened(to: ShownLimit.branch).withoutControls ?? "",
        ]
        file.replace(with: fields.joined(separator: " ") + "\n")
    }

    /// Returns the entry; `nil` if there is none, or the Space has another head meanwhile.
    func entry(ofHead head: ObjectID?) -> Entry? {
        guard let head, let bytes = file.read(limit: Self.size) else { return nil }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let fields = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init)
        guard fields.count == 4, ObjectID(fields[0]) == head else { return nil }
        return Entry(
            head: head, time: Int64(fields[1]), source: ObjectID(fields[2]),
            branch: fields[3].isEmpty ? nil : fields[3])
    }
}

/// A small file about one Space in a directory of the cache. It is read only if no other user could have
/// written it.
private struct SpaceCacheFile: Sendable {
    private let cache: String
    private let directory: String
    private let name: String

    init(in cache: String, _ directory: String, at hub: String, _ space: SpaceID) {
        (self.cache, self.directory) = (cache, directory)
        // "+" occurs in no owner and no name, so a-b/c and a/b-c have different files.
        name = "\(hub)+\(space.owner)+\(space.name)".lowercased()
    }

    private var path: String { "\(cache)/\(directory)/\(name)" }

    func read(limit: Int) -> [UInt8]? {
        guard Self.isOwnedOnlyByUser(cache + "/" + directory), Self.isOwnedOnlyByUser(path) else {
            return nil
        }
        return PlainFile.read(path, limit: limit)
    }

    func replace(with text: String) {
        PlainFile.makeDirectory(directory, in: cache)
        PlainFile.replace(path, with: text.utf8)
    }

    /// Whether only this user controls the path: owned by the user, not a link, not writable by others.
    private static func isOwnedOnlyByUser(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_uid == geteuid() && info.st_mode & S_IFMT != S_IFLNK
            && info.st_mode & 0o002 == 0
    }
}

extension RunContext {
    func outcomes(of space: SpaceID) -> OutcomeCache {
        OutcomeCache(in: cache.path, at: endpoint.fileName, space)
    }

    func lastDeploy(of space: SpaceID) -> DeployCache {
        DeployCache(in: cache.path, at: endpoint.fileName, space)
    }
}

import Foundation
import Synchronization
import TestSupport

/// State and lock files of mirror passes.
extension Scene {
    struct PassMemory {
        var commits = 0
        var spaces: Set<String> = []
    }

    /// Returns the saved state of passes for the owner `me`.
    func passMemory() throws -> PassMemory {
        guard let data = FileManager.default.contents(atPath: passMemoryPath) else { return PassMemory() }
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        let commits = (json["commits"] as? [String: [Double]])?["me"] ?? []
        return PassMemory(
            commits: commits.count, spaces: Set((json["standings"] as? [String: Any] ?? [:]).keys))
    }

    var passMemoryPath: String { "\(folder.path)/home/.cache/spacesync/\(passName).json" }

    /// The name of the pass's lock file in the cache.
    var passLockName: String { passName + ".lock" }

    private var passName: String {
        "mirror-" + hub.url.replacing("http://", with: "").replacing(":", with: "_")
    }

    /// Returns a Space's repository in the Hub's storage.
    func repository(of space: String) -> Repository {
        Repository(url: folder.url.appending(path: "hub/spaces/\(space).git"), home: folder.path + "/home")
    }

    func count(ofCommitsOn space: String) async throws -> Int {
        Int(try await repository(of: space).git("rev-list", "--count", "main")) ?? 0
    }
}

/// A list of lines in the order of their arrival, safe to use from several threads.
final class Words: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

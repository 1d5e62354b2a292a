import Foundation
import TestSupport
import Testing

extension Scene {
    /// Starts the built binary without waiting for it.
    func start(
        _ arguments: String..., in directory: URL? = nil, changing: [String: String] = [:]
    ) throws -> LiveRun {
        try LiveRun.start(
            Binary.path, arguments, environment: environment.merging(changing) { $1 },
            directory: directory ?? folder.url)
    }

    func start(_ arguments: [String]) throws -> LiveRun {
        try LiveRun.start(Binary.path, arguments, environment: environment, directory: folder.url)
    }

    /// Sets a Space's stage, as a visitor or the Hub itself would.
    func set(_ stage: String, of space: String = "me/demo", error: String? = nil) async throws {
        var body = ["space": space, "stage": stage]
        body["errorMessage"] = error
        let json = String(decoding: try JSONEncoder().encode(body), as: UTF8.self)
        _ = try await hub.call("POST", "/_hub/stage", json)
    }

    /// Creates an empty Space with the API.
    func makeSpace(_ name: String = "demo", sdk: String = "docker") async throws {
        _ = try await hub.api("POST", "/repos/create", #"{"type":"space","name":"\#(name)","sdk":"\#(sdk)"}"#)
    }

    /// Deletes the cache, so that the next run starts without one.
    func dropCache() { try? FileManager.default.removeItem(at: folder.url.appending(path: "home/.cache")) }

    /// Returns a source whose first commit is deployed to me/demo and whose second is not; the
    /// cache is empty.
    func deployedThenChanged() async throws -> Repository {
        let source = try await source()
        let first = try await spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        dropCache()
        try await source.commit(["app.py": "print(2)\n"], "Change")
        return source
    }

    /// Returns the bare repositories that the Hub or the binary stores below a folder.
    func bareRepositories(below root: URL) throws -> [Repository] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        let heads = names.filter { $0.hasSuffix("/HEAD") && !$0.contains("/logs/") }
        return heads.map {
            Repository(url: root.appending(path: String($0.dropLast(5))), home: folder.path + "/home")
        }
    }
}

extension Repository {
    /// Commits, and pushes to the repository it was cloned from.
    func publish(_ files: [String: String], _ message: String = "By hand") async throws {
        try await commit(files, message)
        try await git("push", "-q", "origin", "HEAD:main")
    }
}

extension Finished {
    /// The lines of `--json`, parsed.
    var events: [[String: Any]] {
        out.split(separator: "\n").compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }
    }

    func events(_ name: String) -> [[String: Any]] { events.filter { $0["event"] as? String == name } }

    /// Returns a field of the last `result`.
    func result(_ field: String) -> String? { events("result").last?[field] as? String }

    var stages: [String] { events("stage").compactMap { $0["stage"] as? String } }
}

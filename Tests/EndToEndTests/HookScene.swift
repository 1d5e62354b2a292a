import Foundation
import TestSupport

/// A bare repository on a server with the hook installed, and a clone that pushes to it.
struct HookScene: Sendable {
    let scene: Scene
    let bare: Repository
    let work: Repository

    /// - Parameter copied: true if the hook is copied, false if it is set by `core.hooksPath`.
    init(copied: Bool = true, hub flags: [String] = []) async throws {
        scene = try await Scene(hub: flags)
        bare = Repository(
            url: scene.folder.url.appending(path: "bare.git"), home: scene.folder.path + "/home")
        work = try await scene.source()
        try await work.git("init", "-q", "--bare", "-b", "webai2hf", bare.url.path)
        try await work.git("remote", "add", "origin", bare.url.path)
        // Long enough for the pusher to see the result on a busy machine.
        try await bare.git("config", "spacesync.hookWait", "5m")
        let hooks = PackageRoot.url.appending(path: "hooks")
        if copied {
            let hookPath = bare.url.appending(path: "hooks/post-receive")
            try FileManager.default.createDirectory(
                at: hookPath.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: hooks.appending(path: "post-receive"), to: hookPath)
        } else {
            try await bare.git("config", "core.hooksPath", hooks.path)
        }
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: programs.appending(path: "spacesync"), withDestinationURL: URL(fileURLWithPath: Binary.path))
    }

    /// A folder with only the binary.
    var programs: URL { scene.folder.url.appending(path: "bin") }

    /// Adds operator settings to the repository's own configuration.
    func configure(_ settings: KeyValuePairs<String, String>) async throws {
        for (key, value) in settings { try await bare.git("config", "--add", key, value) }
    }

    /// Binds a branch to a Space that a deploy may create.
    func bind(_ branch: String = "webai2hf", to space: String = "me/demo") async throws {
        try await configure(["space.\(space).branch": "\(branch):main", "space.\(space).create": "true"])
    }

    /// Runs `git push` as a user does; a failed push does not fail the test by itself.
    func push(_ arguments: String..., changing: [String: String] = [:]) async throws -> Finished {
        try await run(
            try Peer.git.found(), ["push", "origin"] + arguments, environment: environment(changing),
            directory: work.url)
    }

    /// Starts `git push` as a process that can be observed and ended.
    func startPush(_ arguments: String...) async throws -> LiveRun {
        try LiveRun.start(
            try Peer.git.found(), ["push", "origin"] + arguments,
            environment: environment([:]),
            directory: work.url)
    }

    private func environment(_ changing: [String: String]) -> [String: String] {
        var environment = gitEnvironment(home: scene.folder.path + "/home")
        environment.merge(scene.environment) { $1 }
        environment["PATH"] = programs.path + ":" + (environment["PATH"] ?? "")
        return environment.merging(changing) { $1 }
    }

    /// Logs of the deploys by hooks in this repository, the newest first.
    func stories() throws -> [Story] {
        let folder = bare.url.appending(path: "spacesync/log")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".log") }.sorted(by: >).map {
            Story(log: folder.appending(path: $0))
        }
    }

    struct Story: Sendable {
        let log: URL
        var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }
        /// The records of the deploy's journal.
        private var records: [[String: Any]] {
            let file = log.deletingPathExtension().appendingPathExtension("jsonl")
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
            }
        }
        var process: Int32? { (records.first?["process"] as? Int).map { Int32($0) } }
        var hasEnded: Bool { records.contains { $0["ended"] != nil } }
        /// The last recorded outcome of each deploy.
        var outcomes: [String] {
            var deploys: [Int: [String: Any]] = [:]
            for record in records {
                guard let index = record["index"] as? Int else { continue }
                deploys[index] = record["deploy"] as? [String: Any]
            }
            return deploys.sorted { $0.key < $1.key }.map { "\($1["space"] ?? "") \($1["outcome"] ?? "")" }
        }
    }

    /// Ends running deploys with SIGTERM, as an operator would.
    func endStories() async throws {
        for story in try stories() where !story.hasEnded {
            if let process = story.process { kill(process, SIGTERM) }
        }
        _ = try await eventually { try stories().allSatisfy(\.hasEnded) }
    }

    /// Returns the requests that would change a Space.
    func writes() async throws -> [HubProcess.Asked] {
        try await scene.hub.asked().filter {
            $0.method != "GET" && !$0.path.hasSuffix("upload-pack") && !$0.path.hasSuffix("validate-yaml")
        }
    }
}

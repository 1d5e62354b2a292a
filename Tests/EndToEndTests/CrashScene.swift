import Foundation
import TestSupport
import Testing

@testable import HTTP

/// A scene that kills a push and checks the Space and the local files after the next push.
struct CrashScene: Sendable {
    let scene: Scene
    /// Flags of every run, after the Space's name.
    let flags: [String]
    /// The final state of the Space: the trees of its commits, the newest first, and the number of commits.
    private var expected: [String] = []

    static let settings = [
        "-c", "create=true", "-c", "secret=KEY", "-c", "variable=MODE=fast", "-c", "probe=/ 200",
        "-c", "visibility=public",
    ]
    private static let files = Scene.files.merging([
        ".hub.json": #"{"build":{"seconds":0},"start":{"seconds":0}}"#,
        "README.md":
            "---\ntitle: D\nemoji: 🦓\ncolorFrom: red\ncolorTo: blue\nlicense: mit\nsdk: docker\n---\n# D\n",
    ]) { $1 }

    /// - Parameter isBehindURL: true if the source is fetched from a URL; otherwise it is local and
    ///   has LFS files.
    init(isBehindURL: Bool) async throws {
        scene = try await Scene()
        let source = try await scene.source(Self.files)
        if isBehindURL {
            try await scene.makeSpace("origin")
            let url = scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@")
            try await source.git("push", "-q", "--force", url + "/spaces/me/origin", "webai2hf:main")
            flags = ["--source", scene.hub.url + "/spaces/me/origin", "--branch", "main"] + Self.settings
        } else {
            try source.write(bytes: ["weights.bin": Data((0..<100_000).map { UInt8($0 & 255) })])
            try await source.git("add", "-A")
            try await source.git("commit", "-qm", "Weights")
            flags = ["--source", source.url.path, "--branch", "webai2hf"] + Self.settings
        }
        let whole = try await push("whole", from: cache("whole"))
        try #require(whole.status == 0, "\(whole)")
        expected = try await trees(of: "whole")
    }

    /// Returns the path of a separate cache.
    func cache(_ name: String) -> String { scene.folder.path + "/caches/" + name }

    private var temporary: String { scene.folder.path + "/tmp" }

    private func surroundings(_ cache: String) throws -> [String: String] {
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        return ["KEY": "amber", "XDG_CACHE_HOME": cache, "TMPDIR": temporary]
    }

    func push(_ name: String, from cache: String) async throws -> Finished {
        try await scene.spacesync(["push", "me/" + name] + flags, changing: try surroundings(cache))
    }

    /// - Returns: false if the run finished before its request `number`.
    func kill(_ name: String, atRequest number: Int, _ moment: Moment) async throws -> Bool {
        let fault = #"{"skip":\#(number),"hold_ms":60000}"#
        try await scene.hub.fault(
            moment == .answered ? fault : #"{"skip":\#(number),"delay_ms":60000,"cut_body":0}"#)
        let run = try LiveRun.start(
            Binary.path, ["push", "me/" + name] + flags,
            environment: scene.environment.merging(try surroundings(cache(name))) { $1 },
            directory: scene.folder.url)
        let isHeld = try await eventually {
            try await scene.hub.call("GET", "/_hub/held").text != #"{"held":0}"# || !run.isRunning
        }
        #expect(isHeld, "\(run.err)")
        let wasRunning = run.isRunning
        run.send(SIGKILL)
        let ended = await run.end()
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        if !wasRunning { #expect(ended.status == 0, "\(ended)") }
        return wasRunning
    }

    enum Moment: String, Sendable, CaseIterable {
        /// The Hub has not received the complete request.
        case asked
        /// The Hub has processed the request.
        case answered
    }

    /// Checks the state after a successful run that follows a killed run.
    func check(_ name: String, _ run: Finished) async throws {
        #expect(run.status == 0, "\(name): \(run)")
        #expect(!run.err.lowercased().contains("waiting for"), "a lock outlived its holder: \(run)")
        #expect(try await trees(of: name) == expected, "\(name): \(run)")
        let runtime = try await scene.hub.json("/spaces/me/\(name)/runtime")
        #expect(runtime["stage"] as? String == "RUNNING", "\(name): \(runtime)")
        #expect(try await names("secrets", of: name) == ["KEY"])
        #expect(try await names("variables", of: name) == ["MODE"])
        #expect(try scene.objects(of: "me/whole") == scene.objects(of: "me/" + name))
        #expect(try leftovers(name) == [])
    }

    private func names(_ what: String, of name: String) async throws -> [String] {
        Array(try await scene.hub.json("/spaces/me/\(name)/\(what)").keys)
    }

    private func trees(of name: String) async throws -> [String] {
        let hub = Repository(
            url: scene.folder.url.appending(path: "hub/spaces/me/\(name).git"),
            home: scene.folder.path + "/home")
        let trees = try await hub.git("log", "--format=%T", "main").split(separator: "\n").map(String.init)
        // The Hub's initial commit contains the Space's name, so its tree is not compared.
        return trees.dropLast() + ["\(trees.count)"]
    }

    /// Returns temporary files in the cache and everything in the temporary directory.
    private func leftovers(_ name: String) throws -> [String] {
        let files = FileManager.default
        let cached = try files.subpathsOfDirectory(atPath: cache(name)).filter { path in
            let last = (path as NSString).lastPathComponent
            return last.contains("tmp") || last.contains("fresh") || last.hasPrefix(".")
        }
        return cached + (try files.contentsOfDirectory(atPath: temporary))
    }
}

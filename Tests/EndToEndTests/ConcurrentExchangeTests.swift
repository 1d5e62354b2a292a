import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Checks that independent requests of one deploy are sent concurrently.
struct ConcurrentExchangeTests {
    private static let record = "/api/spaces/me/demo?"
    private static let branch = "/me/demo/info/refs?service=git-receive-pack"

    /// A Space that was deployed once, and its source.
    private func deployed(_ flags: String..., files: [String: String] = Scene.files) async throws -> (
        Scene, Repository
    ) {
        let scene = try await Scene()
        let source = try await scene.source(files)
        let first = try await scene.spacesync(
            ["push", "me/demo", "--create", "--no-wait"] + flags, in: source.url)
        try #require(first.status == 0, "\(first)")
        return (scene, source)
    }

    private func hold(_ scene: Scene, _ paths: String...) async throws {
        for path in paths {
            try await scene.hub.fault(#"{"path": "\#(path)", "delay_ms": 600000, "times": -1}"#)
        }
        try await scene.hub.forget()
    }

    private func start(_ scene: Scene, in directory: URL, _ flags: String...) throws -> LiveRun {
        try LiveRun.start(
            Binary.path, ["push", "me/demo", "--no-wait"] + flags, environment: scene.environment,
            directory: directory)
    }

    /// Waits until `count` requests are held, and releases them.
    private func expectHeld(_ count: Int, _ scene: Scene, _ run: LiveRun) async throws {
        let isHeld = try await eventually {
            try await scene.hub.call("GET", "/_hub/held").text == "{\"held\":\(count)}" || !run.isRunning
        }
        #expect(isHeld && run.isRunning, "\(run.err)")
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
    }

    @Test(arguments: [true, false])
    func `the Space's info and its branch are requested concurrently`(isCold: Bool) async throws {
        let (scene, source) = try await deployed()
        try await source.commit(["app.py": "print('changed')\n"], "Change")
        if isCold { scene.dropCache() }
        try await hold(scene, Self.record, Self.branch)
        let run = try start(scene, in: source.url)
        try await expectHeld(2, scene, run)
        let ended = await run.end()
        #expect(ended.status == 0, "\(ended)")
        // The info, the branch and the push; without a cache also the trees and the card validation.
        let asked = try await scene.hub.asked()
        #expect(asked.count == (isCold ? 5 : 3), "\(asked)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('changed')\n")
    }

    @Test func `a commit that changes no deployed file costs one request`() async throws {
        let (scene, source) = try await deployed("--exclude", "docs/")
        try await source.commit(["docs/more.md": "more\n"], "Not deployed")
        try await scene.hub.forget()
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--no-wait", "--exclude", "docs/", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let asked = try await scene.hub.asked()
        #expect(asked.count == 1, "\(asked)")
    }

    @Test func `a deploy that a guard refuses costs one request`() async throws {
        let files = Scene.files.merging((1...30).map { ("data/\($0).txt", "\($0)\n") }) { $1 }
        let (scene, source) = try await deployed(files: files)
        try await source.git("rm", "-rq", "data")
        try await source.git("commit", "-qm", "Remove")
        try await scene.hub.forget()
        let refused = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(refused.status == 9, "\(refused)")
        let asked = try await scene.hub.asked()
        #expect(asked.count == 1, "\(asked)")
    }

    @Test func `a rejected branch request ends the deploy without waiting for the Space's info`() async throws
    {
        let (scene, source) = try await deployed()
        scene.dropCache()
        try await hold(scene, Self.record)
        try await scene.hub.fault(#"{"path": "\#(Self.branch)", "status": 403, "times": -1}"#)
        let ended = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(ended.status == 5, "\(ended)")
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
    }

    @Test(arguments: [403, 500])
    func `if both requests fail, the branch's error is reported`(status: Int) async throws {
        let (scene, source) = try await deployed()
        scene.dropCache()
        try await scene.hub.fault(#"{"path": "\#(Self.record)", "status": \#(status), "times": -1}"#)
        try await scene.hub.fault(#"{"path": "\#(Self.branch)", "status": 401, "times": -1}"#)
        let ended = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(ended.status == 5 && ended.err.contains("token"), "\(ended)")
    }

    @Test func `a Space is created only after the response to its info request`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await hold(scene, Self.record)
        let run = try start(scene, in: source.url, "--create")
        try await expectHeld(1, scene, run)
        let ended = await run.end()
        #expect(ended.status == 0, "\(ended)")
        // The Hub logs a request when it has sent the response.
        let asked = try await scene.hub.asked().map(\.path)
        let (record, creation) = (
            asked.firstIndex(of: "/api/spaces/me/demo"), asked.firstIndex(of: "/api/repos/create")
        )
        #expect(try #require(record) < #require(creation), "\(asked)")
    }

    @Test func `the first stage and the build log are requested concurrently`() async throws {
        let (scene, source) = try await deployed()
        try await source.commit(
            ["app.py": "print('changed')\n", ".hub.json": #"{"build":{"seconds":0}}"#], "Change")
        try await scene.hub.fault(
            #"{"path": "\#(Self.record)", "skip": 1, "delay_ms": 600000, "times": -1}"#)
        try await hold(scene, "/api/spaces/me/demo/logs/build")
        let run = try LiveRun.start(
            Binary.path, ["push", "me/demo"], environment: scene.environment, directory: source.url)
        try await expectHeld(2, scene, run)
        let ended = await run.end()
        #expect(ended.status == 0, "\(ended)")
    }

    @Test func `variables and secrets are requested concurrently`() async throws {
        let (scene, source) = try await deployed()
        try await hold(scene, "/api/spaces/me/demo/variables", "/api/spaces/me/demo/secrets")
        let run = try start(scene, in: source.url, "-c", "variable=MODE=fast", "-c", "secret=KEY?")
        try await expectHeld(2, scene, run)
        let ended = await run.end()
        #expect(ended.status == 0, "\(ended)")
    }
}

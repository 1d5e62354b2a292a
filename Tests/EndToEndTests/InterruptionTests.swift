import Foundation
import TestSupport
import Testing

/// Interruption by Ctrl-C or SIGTERM: the message, and the cleanup.
struct InterruptionTests {
    @Test(arguments: [SIGINT, SIGTERM])
    func `an interrupted watch prints how to resume, and the build continues`(signal: Int32) async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":20}}"#]) { $1 })
        let watching = try scene.start("push", "me/demo", "--create", in: source.url)
        #expect(await watching.says("Commit SHA"), "\(watching.err)")
        watching.send(signal)
        let ended = await watching.end()
        #expect(ended.status == 130, "\(ended)")
        #expect(ended.err.contains("spacesync watch me/demo"), "\(ended)")
        let watched = try await scene.spacesync("watch", "me/demo", "--json")
        #expect(watched.status == 0 && watched.result("stage") == "RUNNING", "\(watched)")
    }

    @Test func `an interrupted watch gives a result in JSON`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":60}}"#]) { $1 })
        let watching = try scene.start("push", "me/demo", "--create", "--json", in: source.url)
        #expect(await watching.says("Commit SHA"), "\(watching.out)")
        watching.send(SIGINT)
        let ended = await watching.end()
        #expect(ended.status == 130, "\(ended)")
        #expect(ended.result("outcome") == "interrupted" && ended.result("commit") != nil, "\(ended)")
    }

    @Test(arguments: ["Reading the source", "Watching"])
    func `an interrupted demo leaves neither folder nor child process`(moment: String) async throws {
        let scene = try await Scene()
        let temporary = scene.folder.url.appending(path: "tmp")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        let demo = try scene.start("demo", changing: ["TMPDIR": temporary.path])
        #expect(await demo.says(moment), "\(demo.err)")
        demo.send(SIGINT)
        let ended = await demo.end()
        #expect(ended.status == 130, "\(ended)")
        #expect(!ended.err.contains("spacesync watch"), "its Hub is gone: \(ended)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
        #expect(
            await eventually {
                ProcessTable.commands(naming: temporary.path).isEmpty
            })
    }

    @Test func `a Hub that is terminated deletes its own folder`() async throws {
        let scene = try await Scene()
        let temporary = scene.folder.url.appending(path: "tmp")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        let hub = try scene.start("hub", changing: ["TMPDIR": temporary.path])
        #expect(await hub.says("http://127.0.0.1:"), "\(hub.err)")
        hub.send(SIGTERM)
        #expect(await hub.end().status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
    }
}

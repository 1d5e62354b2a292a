import Foundation
import TestSupport
import Testing

/// The `.spacesync` of a remote source: read at its HEAD, and untrusted.
struct SourceSettingsTests {
    /// A scene with a remote repository `me/source`, and the working tree that publishes to it.
    private func published(_ settings: String) async throws -> (scene: Scene, work: Repository) {
        let scene = try await Scene()
        try await scene.makeSpace("source")
        let work = try await scene.clone("me/source", as: "work")
        var files = Scene.files
        files[".spacesync"] = settings
        try await work.publish(files)
        try FileManager.default.createDirectory(
            at: scene.folder.url.appending(path: "empty"), withIntermediateDirectories: true)
        let conf = "[space \"me/demo\"]\n\tsource = \(scene.hub.url)/spaces/me/source\n\tcreate = true\n"
        try Data(conf.utf8).write(to: scene.folder.url.appending(path: "empty/conf"))
        return (scene, work)
    }

    private func run(_ scene: Scene, _ words: String...) async throws -> Finished {
        try await scene.spacesync(
            words + ["--config", "conf"], in: scene.folder.url.appending(path: "empty"))
    }

    private let mapped =
        "[space \"me/demo\"]\n\tmap = app.py:main.py\n[space \"me/other\"]\n\tcreate = true\n"

    @Test func `the file's settings apply to a Space that the operator names, and to no other`() async throws
    {
        let (scene, _) = try await published(mapped)
        let pushed = try await run(scene, "push", "--no-wait")
        #expect(pushed.status == 0 && pushed.err.contains("map app.py:main.py"), "\(pushed)")
        #expect(!(pushed.out + pushed.err).contains("me/other"), "\(pushed)")
        #expect(try await scene.clone("me/demo").text("main.py") == Scene.files["app.py"])
        let plan = try await run(scene, "plan", "-v")
        let origin = "(.spacesync of \(scene.hub.url)/spaces/me/source at HEAD, line 2)"
        #expect(plan.err.contains("map = app.py:main.py  \(origin)"), "\(plan)")
    }

    @Test func `an unchanged source costs one request`() async throws {
        let (scene, work) = try await published(mapped)
        /// Returns how many requests to the source's repository one push makes.
        func asking() async throws -> Int {
            func count() async throws -> Int {
                try await scene.hub.asked().filter { $0.path.contains("/me/source") }.count
            }
            let before = try await count()
            _ = try await run(scene, "push", "--no-wait")
            return try await count() - before
        }
        _ = try await asking()
        let idle = try await asking()
        try await work.publish(["app.py": "print(2)\n"])
        // References, trees, and the one new file.
        #expect(try await asking() == idle + 2)
    }

    @Test func `operator settings override the file`() async throws {
        let (scene, _) = try await published(mapped)
        let pushed = try await run(scene, "push", "--no-wait", "--map", "app.py:start.py")
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.git("ls-files").contains("start.py"))
        #expect(try await !clone.git("ls-files").contains("main.py"))
    }

    @Test func `settings that affect the Space itself are refused, with the command that allows them`()
        async throws
    {
        let (scene, _) = try await published("[space \"me/demo\"]\n\twake = true\n")
        let refused = try await run(scene, "push", "--no-wait")
        #expect(refused.status == 3 && refused.err.contains("cannot set wake"), "\(refused)")
        #expect(refused.err.contains("git config -f conf --add spacesync.trust wake"), "\(refused)")
        let conf = scene.folder.path + "/empty/conf"
        try await Repository(url: scene.folder.url, home: scene.folder.path + "/home").git(
            "config", "-f", conf, "--add", "spacesync.trust", "wake")
        #expect(try await run(scene, "push", "--no-wait").status == 0)
    }

    @Test(arguments: [
        "[space \"me/demo\"]\n\tbrunch = x\n", "[spacesync]\n\ttrust = wake\n", "[space \"me/demo\"\n",
        "[include]\n\tpath = /dev/zero\n",
    ])
    func `an invalid file stops its Space, and nothing is sent`(settings: String) async throws {
        let (scene, _) = try await published(settings)
        let refused = try await run(scene, "push", "--no-wait")
        #expect(refused.status == 3 && refused.err.contains(".spacesync of http"), "\(refused)")
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.contains("demo") })
    }

    @Test func `the settings of another local repository are read like those of a remote one`() async throws {
        let (scene, work) = try await published(mapped)
        let conf = "[space \"me/demo\"]\n\tsource = \(work.url.path)\n\tcreate = true\n"
        try Data(conf.utf8).write(to: scene.folder.url.appending(path: "empty/conf"))
        let pushed = try await run(scene, "push", "--no-wait")
        #expect(pushed.status == 0 && pushed.err.contains("map app.py:main.py"), "\(pushed)")
    }
}

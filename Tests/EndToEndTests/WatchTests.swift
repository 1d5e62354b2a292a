import Foundation
import TestSupport
import Testing

/// Watches of builds and apps that `.hub.json` simulates.
struct WatchTests {
    /// A source whose build and app the local Hub simulates with this script.
    private func source(_ scene: Scene, _ script: String, app: String = "print('hello')\n") async throws
        -> Repository
    {
        try await scene.source(Scene.files.merging([".hub.json": script, "app.py": app]) { $1 })
    }

    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(["push", "me/demo", "--create", "--json"] + flags, in: source.url)
    }

    private let failing = #"{"build":{"fail":"COPY","exit":2,"log":["error: no wheel for this platform"]}}"#

    @Test(.timeLimit(.minutes(30)))
    func `a failed build gives exit 7 with its step and log on every push until it is fixed`() async throws {
        let scene = try await Scene()
        let source = try await source(scene, failing)
        let text = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(text.status == 7, "\(text)")
        #expect(text.out.isEmpty)
        for words in [
            "BUILD_ERROR", "--> COPY app.py", "error: no wheel for this platform", "exit code: 2", "hint: ",
        ] {
            #expect(text.err.contains(words), "\(words): \(text)")
        }
        let again = try await push(scene, source)
        #expect(again.status == 7, "nothing changed, and it still does not run: \(again)")
        #expect(again.result("outcome") == "failed" && again.result("stage") == "BUILD_ERROR", "\(again)")
        #expect(again.result("message")?.contains("no wheel") == true, "\(again)")
        #expect(again.events("pushed").isEmpty)

        try await source.commit([".hub.json": #"{"lag":0.7}"#], "Mend")
        let fixed = try await push(scene, source)
        #expect(fixed.status == 0, "the old BUILD_ERROR is told for a while: \(fixed)")
        #expect(fixed.result("outcome") == "deployed" && fixed.result("stage") == "RUNNING", "\(fixed)")
    }

    @Test func `an app that exits gives exit 7 with the end of its log`() async throws {
        let scene = try await Scene()
        let script = #"{"start":{"exit":3,"log":["Traceback (most recent call last):","KeyError: 'PORT'"]}}"#
        let pushed = try await push(scene, try await source(scene, script))
        #expect(pushed.status == 7, "\(pushed)")
        #expect(pushed.result("stage") == "RUNTIME_ERROR" && pushed.result("outcome") == "failed")
        #expect(pushed.result("message")?.contains("KeyError: 'PORT'") == true, "\(pushed)")
        #expect(pushed.result("hint") != nil)
    }

    @Test(arguments: [
        ("CONFIG_ERROR", ["README.md": "# Nothing\n", "app.py": "\n"], "front matter"),
        ("NO_APP_FILE", ["README.md": "---\nsdk: docker\n---\n"], "Dockerfile"),
    ])
    func `watch reports failures of commits pushed without spacesync`(
        stage: String, files: [String: String], words: String
    ) async throws {
        let scene = try await Scene()
        try await scene.makeSpace()
        try await scene.clone("me/demo").publish(files)
        #expect(
            try await eventually {
                try await scene.hub.json("/spaces/me/demo/runtime")["stage"] as? String == stage
            })
        let watched = try await scene.spacesync("watch", "me/demo", "--json")
        #expect(watched.status == 7, "\(watched)")
        #expect(watched.result("stage") == stage && watched.result("outcome") == "failed", "\(watched)")
        #expect(watched.result("hint")?.contains(words) == true, "\(watched)")
    }

    @Test(.timeLimit(.minutes(30)), arguments: ["PAUSED", "SLEEPING"])
    func `a sleeping or paused Space is reported with a hint, and woken with --wake`(stage: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene, "{}")
        _ = try await push(scene, source)
        try await scene.set(stage)
        let watched = try await scene.spacesync("watch", "me/demo", "--json")
        #expect(watched.status == 0, "\(watched)")
        #expect(watched.result("outcome") == "pushed" && watched.result("stage") == stage, "\(watched)")
        #expect(watched.result("hint")?.contains("--wake") == true, "\(watched)")

        try await source.commit(["app.py": "print(2)\n"], "Change")
        let woken = try await push(scene, source, "--wake")
        #expect(woken.status == 0, "\(woken)")
        #expect(woken.result("outcome") == "deployed" && woken.result("stage") == "RUNNING", "\(woken)")
    }

    @Test func `a push to a paused Space succeeds, and it is reported as paused after the timeout`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene, "{}")
        _ = try await push(scene, source)
        try await scene.set("PAUSED")
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let pushed = try await push(scene, source, "--timeout", "6s")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.result("outcome") == "pushed" && pushed.result("stage") == "PAUSED", "\(pushed)")
        #expect(pushed.result("hint")?.contains("--wake") == true, "\(pushed)")
    }

    @Test func `the timeout is observed, and watch resumes the build`() async throws {
        let scene = try await Scene()
        let source = try await source(scene, #"{"build":{"seconds":30}}"#)
        let begun = ContinuousClock.now
        let pushed = try await push(scene, source, "--timeout", "6s")
        #expect(pushed.status == 8, "\(pushed)")
        #expect(begun.duration(to: .now) < .seconds(30))
        #expect(pushed.result("outcome") == "timed_out" && pushed.result("stage") == "BUILDING", "\(pushed)")
        #expect(pushed.result("hint")?.contains("spacesync watch me/demo") == true, "\(pushed)")
        let watched = try await scene.spacesync("watch", "me/demo", "--json")
        #expect(watched.status == 0 && watched.result("outcome") == "deployed", "\(watched)")
        #expect(watched.events("log").contains { ($0["line"] as? String)?.contains("COPY app.py") == true })
    }

    @Test func `with --no-wait the outcome is pushed, and watch continues`() async throws {
        let scene = try await Scene()
        // The Hub reports the stage from before the push for three seconds.
        let source = try await source(scene, #"{"lag":3,"build":{"seconds":1}}"#)
        let pushed = try await push(scene, source, "--no-wait")
        #expect(pushed.status == 0 && pushed.result("outcome") == "pushed", "\(pushed)")
        #expect(pushed.stages.isEmpty)
        #expect(pushed.result("hint") == "spacesync watch me/demo")
        let watched = try await scene.spacesync("watch", "me/demo")
        #expect(watched.status == 0, "\(watched)")
        #expect(watched.err.contains("RUNNING"))
    }

    @Test(.timeLimit(.minutes(30)))
    func `a commit pushed by another user during the watch supersedes this deploy`() async throws {
        let scene = try await Scene()
        let source = try await source(scene, #"{"build":{"seconds":120}}"#)
        let watching = try scene.start("push", "me/demo", "--create", "--json", in: source.url)
        #expect(await watching.says("Commit SHA"), "\(watching.err)")
        try await scene.clone("me/demo").publish([".hub.json": #"{"build":{"seconds":3}}"#])
        let ended = await watching.end()
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.result("outcome") == "superseded", "\(ended)")
    }

    @Test(arguments: [
        (
            "gradio", ["README.md": "---\nsdk: gradio\n---\n", "app.py": "import gradio\n"],
            "me-demo.localhost"
        ),
        (
            "static", ["README.md": "---\nsdk: static\n---\n", "index.html": "<p>hello\n"],
            "me-demo.static.localhost"
        ),
    ])
    func `Spaces with other SDKs run too, also after a second push`(
        sdk: String, files: [String: String], host: String
    )
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(files)
        for change in ["one", "two"] {
            try await source.commit(["note.txt": change], change)
            let pushed = try await scene.spacesync("push", "me/demo", "--create", "--json", in: source.url)
            #expect(pushed.status == 0 && pushed.result("outcome") == "deployed", "\(pushed)")
            #expect(pushed.result("app_url")?.contains("//\(host):") == true, "\(pushed)")
        }
        #expect(try await scene.hub.json("/spaces/me/demo")["sdk"] as? String == sdk)
    }

    @Test func `if the Hub does not report the running commit, the commit in the build log is used`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene, "{}")
        _ = try await push(scene, source)
        try await source.commit(["app.py": "print(2)\n"], "Change")
        try await scene.hub.fault(
            #"{"path":"/runtime","status":200,"times":-1,"body":{"stage":"RUNNING","hardware":{"current":null,"requested":null},"replicas":{"requested":1}}}"#
        )
        let pushed = try await push(scene, source)
        #expect(pushed.status == 0 && pushed.result("outcome") == "deployed", "\(pushed)")
        #expect(
            pushed.events("log").contains { ($0["line"] as? String)?.contains("Commit SHA") == true },
            "\(pushed)")
    }
}

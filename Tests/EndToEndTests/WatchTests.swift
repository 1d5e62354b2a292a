import Foundation
import TestSupport
import Testing

/// Builds and apps as `.hub.json` scripts them, watched to their end.
struct WatchTests {
    /// A source whose build is played like this.
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
    func `a build that fails is exit 7 with its step and log, each time, until it is mended`() async throws {
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
        let mended = try await push(scene, source)
        #expect(mended.status == 0, "the old BUILD_ERROR is told for a while: \(mended)")
        #expect(mended.result("outcome") == "deployed" && mended.result("stage") == "RUNNING", "\(mended)")
    }

    @Test func `an app that ends is exit 7 with the tail of its log`() async throws {
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
    func `what was pushed without spacesync is told too`(
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
    func `a Space at rest is told with the line that wakes it, and woken when asked`(stage: String)
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

    @Test func `a Space that stays paused is pushed to, and told as paused when the time is over`()
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

    @Test func `a limit of time is kept, and watch takes the build up again`() async throws {
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

    @Test func `without waiting the outcome is pushed, and watch follows`() async throws {
        let scene = try await Scene()
        // For three seconds the Hub still reports the stage before the push.
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
    func `a commit that somebody else pushes meanwhile supersedes ours`() async throws {
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
    func `other kinds of Spaces run too, and again`(sdk: String, files: [String: String], host: String)
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

    @Test func `a Hub that does not say which commit runs is believed once the log names ours`() async throws
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

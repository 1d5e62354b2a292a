import Foundation
import TestSupport
import Testing

/// Hooks on servers with a minimal environment, and unusual references.
struct HookServerTests {
    @Test func `a hook without any environment variables deploys`() async throws {
        let hook = try await HookScene()
        try hook.scene.folder.write("token", Scene.token + "\n")
        try await hook.bind()
        try await hook.configure([
            "spacesync.endpoint": hook.scene.hub.url, "spacesync.cache": hook.scene.folder.path + "/cache",
            "account.me.token": "file:\(hook.scene.folder.path)/token",
        ])
        _ = try await hook.scene.spacesync("hook", "install", hook.bare.url.path)
        let git = try Peer.git.found()
        let pushed = try await hook.push("--receive-pack=/usr/bin/env -i \(git) receive-pack", "webai2hf")
        #expect(pushed.status == 0 && pushed.err.contains("remote: http://me-demo."), "\(pushed)")
    }

    @Test func `new, forced, annotated and deleted references are handled`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.bind("v1", to: "me/release")
        _ = try await hook.push("webai2hf")
        try hook.work.write(["app.py": "print('rewritten')\n"])
        try await hook.work.git("commit", "-q", "-a", "--amend", "-m", "Again")
        let forced = try await hook.push("--force", "webai2hf")
        #expect(forced.err.contains("me/demo deployed at"), "\(forced)")
        #expect(try await hook.scene.clone("me/demo").text("app.py") == "print('rewritten')\n")
        try await hook.work.git("tag", "-a", "-m", "One", "v1")
        let tagged = try await hook.push("v1")
        #expect(tagged.err.contains("me/release deployed at"), "\(tagged)")
        try await hook.work.commit(["app.py": "print('moved')\n"], "Move")
        try await hook.work.git("tag", "-f", "-a", "-m", "One again", "v1")
        let moved = try await hook.push("--force", "v1", ":webai2hf")
        #expect(moved.err.contains("me/release deployed at"), "\(moved)")
        #expect(try await hook.scene.clone("me/release", as: "release").text("app.py") == "print('moved')\n")
    }

    @Test(arguments: ["$(touch pwned)", "a';touch${IFS}pwned;'", "`touch${IFS}pwned`"])
    func `a branch name with shell syntax is only a name`(branch: String) async throws {
        let hook = try await HookScene()
        try await hook.configure(["receive.advertisePushOptions": "true", "spacesync.allowSpace": "me/*"])
        let name = branch.replacing(" ", with: "${IFS}")
        try await hook.bind(name)
        _ = try await hook.push("webai2hf:refs/heads/\(name)")
        #expect(try hook.stories().first?.outcomes == ["me/demo deployed"])
        try await hook.scene.clone("me/demo", as: "hub-side").publish(["app.py": "print('theirs')\n"])
        try await hook.work.commit(["app.py": "print('ours')\n"], "Change")
        let refused = try await hook.push("webai2hf:refs/heads/\(name)")
        let line = try #require(refused.err.split(separator: "\n").first { $0.contains("on the server: ") })
        let typed = line.split(separator: "on the server: spacesync").last.map { String($0) } ?? ""
        // Runs the suggested command in a shell, as the operator would.
        let passed = try await run(
            "/bin/sh",
            ["-c", "exec \"$0\"\(typed.replacing("me/demo", with: "me/demo --dry-run"))", Binary.path],
            environment: hook.scene.environment, directory: hook.bare.url)
        #expect(passed.status == 0 && passed.out.contains("app.py"), "\(typed)\(passed)")
        let status = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(status.out.contains("\(name) -> me/demo"), "\(status)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: hook.scene.folder.path)
        #expect(!left.contains { $0.hasSuffix("pwned") })
    }

    @Test func `a branch with the name of a flag cannot be bound`() async throws {
        let hook = try await HookScene()
        try await hook.configure(["space.me/demo.branch": "--force:main", "space.me/demo.create": "true"])
        let pushed = try await hook.push("webai2hf:refs/heads/--force")
        #expect(pushed.status == 0 && pushed.err.contains("--force:main: is not a valid branch"), "\(pushed)")
        #expect(try await hook.scene.hub.asked().isEmpty)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a push over HTTP returns when hookWait is over`() async throws {
        let hook = try await HookScene()
        let root = try GitFolder()
        try await hook.work.commit([".hub.json": #"{"build":{"seconds":25}}"#], "Slow")
        try await root.git("clone", "-q", "--bare", hook.bare.url.path, root.path + "/bare.git")
        let served = Repository(url: URL(fileURLWithPath: root.path + "/bare.git"), home: root.path)
        try root.write(Scene.token + "\n", to: "token")
        for (key, value) in [
            ("space.me/demo.branch", "webai2hf"), ("space.me/demo.create", "true"),
            ("spacesync.hookWait", "1s"),
            ("spacesync.endpoint", hook.scene.hub.url), ("account.me.token", "file:\(root.path)/token"),
        ] { try await served.git("config", key, value) }
        _ = try await hook.scene.spacesync("hook", "install", served.url.path)
        let backend = try GitBackend(root)
        let start = ContinuousClock.now
        let pushed = try await backend.serving {
            try await hook.work.git("remote", "set-url", "origin", backend.url("bare.git").absoluteString)
            return try await hook.push("webai2hf", "-o", "spacesync.wait", changing: ["no_proxy": "*"])
        }
        #expect(start.duration(to: .now) < .seconds(25), "the build alone takes that long")
        #expect(
            pushed.status == 0 && pushed.err.contains("the deploy continues in the background"), "\(pushed)")
        #expect(
            pushed.err.contains("unknown push option \"spacesync.wait\"; did you mean spacesync.nowait?"),
            "\(pushed)")
        let log = served.url.appending(path: "spacesync/log")
        let isDone = try await eventually {
            let names = try FileManager.default.contentsOfDirectory(atPath: log.path)
            return try names.filter { $0.hasSuffix(".log") }.contains {
                try String(contentsOf: log.appending(path: $0), encoding: .utf8).contains(
                    "me/demo deployed at")
            }
        }
        #expect(isDone)
    }
}

import Foundation
import TestSupport
import Testing

/// `hooks/post-receive` in a bare repository, run by a real `git push`: the output that the pusher
/// sees, and the deployed files.
struct HookTests {
    @Test(arguments: [true, false])
    func `a push of a bound branch is deployed, and the pusher sees the output`(copied: Bool) async throws {
        let hook = try await HookScene(copied: copied)
        try await hook.bind()
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("remote: -----> "), "\(pushed)")
        #expect(pushed.err.contains("remote: http://me-demo.localhost:"), "the app's URL: \(pushed)")
        let clone = try await hook.scene.clone("me/demo")
        #expect(try clone.text("app.py") == "print('hello')\n")
        #expect(
            try await clone.git("log", "-1", "--format=%B").contains(
                "Source-Commit: \(try await hook.work.head())"))
        #expect(try await hook.scene.hub.json("/spaces/me/demo/runtime")["stage"] as? String == "RUNNING")
    }

    @Test func `two branches at one commit report an error once`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": "[space \"me/demo\"]\n\tbrunch = x\n"], "Typo")
        try await hook.work.git("branch", "other")
        let pushed = try await hook.push("webai2hf", "other")
        #expect(pushed.err.components(separatedBy: "did you mean branch?").count == 2, "\(pushed)")
    }

    @Test func `a push of an unbound branch deploys nothing and prints nothing`() async throws {
        let hook = try await HookScene()
        try await hook.bind("production")
        let pushed = try await hook.push("webai2hf", "webai2hf:refs/tags/v1", "webai2hf:refs/notes/x")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(!pushed.err.contains("remote:"), "\(pushed)")
        #expect(try await hook.scene.hub.asked().isEmpty)
        _ = try await hook.push("webai2hf:topic")
        let gone = try await hook.push(":topic")
        #expect(gone.status == 0 && !gone.err.contains("remote:"), "\(gone)")
    }

    @Test func `a deleted branch changes no Space, and this is reported to the pusher`() async throws {
        let hook = try await HookScene()
        try await hook.bind("feature")
        _ = try await hook.push("webai2hf", "webai2hf:feature")
        let head = try await hook.scene.clone("me/demo").head()
        try await hook.scene.hub.forget()
        let deleted = try await hook.push(":feature")
        #expect(deleted.status == 0, "\(deleted)")
        #expect(deleted.err.contains("feature was deleted"), "\(deleted)")
        #expect(try await hook.scene.hub.asked().isEmpty)
        #expect(try await hook.scene.clone("me/demo", as: "again").head() == head)
    }

    @Test func `two branches deploy to two Spaces in one push`() async throws {
        let hook = try await HookScene()
        try await hook.bind("webai2hf", to: "me/live")
        try await hook.bind("staging", to: "me/staging")
        try await hook.work.git("checkout", "-q", "-b", "staging")
        try await hook.work.commit(["app.py": "print('staging')\n"], "Stage")
        let pushed = try await hook.push("webai2hf", "staging")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await hook.scene.clone("me/live", as: "live").text("app.py") == "print('hello')\n")
        #expect(try await hook.scene.clone("me/staging", as: "stage").text("app.py") == "print('staging')\n")
    }

    @Test func `a bound branch is deployed even if HEAD names a missing branch`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.bare.git("symbolic-ref", "HEAD", "refs/heads/main")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
    }

    @Test func `a failed deploy does not fail the push, and the reason is printed`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let pushed = try await hook.push("webai2hf", changing: ["HF_TOKEN": "hf_wrong"])
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("remote: error: "), "\(pushed)")
        #expect(pushed.err.contains("rejected the token"), "\(pushed)")
        #expect(try await hook.bare.head("webai2hf") == hook.work.head())
    }

    @Test func `a missing binary on the server is reported in one line`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let pushed = try await hook.push("webai2hf", changing: ["PATH": "/usr/bin:/bin"])
        #expect(pushed.status == 0, "\(pushed)")
        let remoteLines = pushed.err.split(separator: "\n").filter { $0.hasPrefix("remote:") }
        #expect(
            remoteLines.count == 1 && remoteLines[0].contains("spacesync was not found on the PATH"),
            "\(pushed)")
    }

    @Test func `Git environment variables have no effect`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let foreign = [
            "GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index",
            "GIT_OBJECT_DIRECTORY": "/nowhere/objects", "GIT_NAMESPACE": "x",
            "GIT_CONFIG_GLOBAL": "/nowhere/config",
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "true",
        ]
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", in: source.url, changing: foreign)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a push over HTTP is deployed with only the repository's own configuration`() async throws {
        let hook = try await HookScene()
        let root = try GitFolder()
        try await root.git("clone", "-q", "--bare", hook.bare.url.path, root.path + "/bare.git")
        let served = Repository(url: URL(fileURLWithPath: root.path + "/bare.git"), home: root.path)
        let programs = URL(fileURLWithPath: root.path + "/.local/bin")
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: hook.programs.appending(path: "spacesync"), to: programs.appending(path: "spacesync"))
        try root.write(Scene.token + "\n", to: "token")
        for (key, value) in [
            ("core.hooksPath", PackageRoot.url.path + "/hooks"), ("space.me/demo.branch", "webai2hf"),
            ("space.me/demo.create", "true"), ("spacesync.endpoint", hook.scene.hub.url),
            ("account.me.token", "file:\(root.path)/token"),
        ] { try await served.git("config", key, value) }
        let backend = try GitBackend(root)
        let pushed = try await backend.serving {
            try await hook.work.git("remote", "set-url", "origin", backend.url("bare.git").absoluteString)
            return try await hook.push(
                "webai2hf", changing: ["no_proxy": "*", "HF_TOKEN": "", "HF_ENDPOINT": ""])
        }
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("remote: -----> "), "\(pushed)")
        #expect(try await hook.scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }
}

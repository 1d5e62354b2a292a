import Foundation
import TestSupport
import Testing

/// Deploys of a hook that continue after the pusher's connection ends.
struct HookFreedomTests {
    private let slow = #"{"build":{"seconds":25}}"#

    private func scene(waiting time: String) async throws -> HookScene {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.configure(["spacesync.hookWait": "\(time)"])
        try await hook.work.commit([".hub.json": slow], "Slow")
        return hook
    }

    private func ended(_ hook: HookScene) async throws -> HookScene.Story {
        let isEnded = try await eventually { try hook.stories().first?.hasEnded ?? false }
        #expect(isEnded)
        return try #require(try hook.stories().first)
    }

    @Test(arguments: ["0", "1s"])
    func `the push returns when hookWait is over, and the deploy continues to its end`(time: String)
        async throws
    {
        let hook = try await scene(waiting: time)
        let start = ContinuousClock.now
        let pushed = try await hook.push("webai2hf")
        #expect(start.duration(to: .now) < .seconds(25), "the build alone takes that long")
        #expect(
            pushed.status == 0 && pushed.err.contains("the deploy continues in the background"), "\(pushed)")
        #expect(pushed.err.contains("spacesync watch me/demo"), "\(pushed)")
        let going = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(going.out.contains("running: "), "\(going)")
        let deploy = try await ended(hook)
        #expect(pushed.err.contains(deploy.log.path), "\(pushed)")
        #expect(
            deploy.outcomes == ["me/demo deployed"] && deploy.text.contains("me/demo deployed at"),
            "\(deploy.text)")
        let mode =
            try FileManager.default.attributesOfItem(atPath: deploy.log.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let status = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(
            status.out.contains("webai2hf \(try await hook.work.head().prefix(7)) -> me/demo  deployed at"),
            "\(status)")
        let spaceStatus = try await hook.scene.spacesync("status", "me/demo", in: hook.bare.url)
        #expect(spaceStatus.out.contains(deploy.log.path), "\(spaceStatus)")
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGKILL])
    func `a deploy continues when its pusher disconnects`(signal: Int32) async throws {
        let hook = try await scene(waiting: "30s")
        try await hook.scene.hub.fault(#"{"path": "git-receive-pack", "delay_ms": 1500}"#)
        let pushing = try await hook.startPush("webai2hf")
        #expect(await pushing.says("Pushing to me/demo"), "\(pushing.err)")
        // As a terminal or a broken connection does: the signal ends every process that Git started
        // for the push.
        try #require(getpgid(pushing.id) == pushing.id)
        kill(-pushing.id, signal)
        let gone = await pushing.end()
        #expect(gone.status != 0, "\(gone)")
        let going = try #require(try hook.stories().first)
        #expect(!going.hasEnded)
        let deploy = try await ended(hook)
        #expect(deploy.outcomes == ["me/demo deployed"], "\(deploy.text)")
    }

    @Test func `a deploy killed on the server is reported as interrupted, and the next push resumes it`()
        async throws
    {
        let hook = try await scene(waiting: "0")
        _ = try await hook.push("webai2hf")
        let deploy = try #require(try hook.stories().first)
        let process = try #require(deploy.process)
        #expect(try await eventually { try hook.stories()[0].text.contains("Commit SHA") })
        kill(process, SIGKILL)
        let cut = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(cut.out.contains("interrupted: pushed at"), "\(cut)")
        try await hook.work.commit(["app.py": "print(2)\n", ".hub.json": "{}"], "Next")
        _ = try await hook.push("webai2hf")
        #expect(try await ended(hook).outcomes == ["me/demo deployed"])
    }

    @Test func `a newer push supersedes a deploy that has not pushed yet`() async throws {
        let hook = try await scene(waiting: "0")
        // The first deploy is delayed before its push.
        try await hook.scene.hub.fault(#"{"path": "info/refs", "delay_ms": 20000}"#)
        _ = try await hook.push("webai2hf")
        try await hook.work.commit(["app.py": "print('newer')\n", ".hub.json": "{}"], "Newer")
        let newer = try await hook.work.head()
        _ = try await hook.push("webai2hf")
        let areDone = try await eventually {
            let deploys = try hook.stories()
            return deploys.count == 2 && deploys.allSatisfy(\.hasEnded)
        }
        #expect(areDone)
        let deploys = try hook.stories()
        #expect(
            deploys.map(\.outcomes) == [["me/demo deployed"], ["me/demo superseded"]],
            "\(deploys.map(\.text))")
        #expect(deploys.last?.text.contains("a newer push of webai2hf (\(newer.prefix(7)))") == true)
        #expect(deploys.last?.text.contains("error:") == false)
        let clone = try await hook.scene.clone("me/demo")
        #expect(try clone.text("app.py") == "print('newer')\n")
        #expect(
            try await clone.git("rev-list", "--count", "HEAD") == "2", "the Hub's own commit, and one deploy")
    }

    @Test func `old logs are deleted, and a push without a bound branch leaves none`() async throws {
        let hook = try await HookScene()
        try await hook.bind("production")
        let folder = hook.bare.url.appending(path: "spacesync/log")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for number in 100...170 {
            for ending in ["log", "json"] {
                try Data("{}".utf8).write(to: folder.appending(path: "20200101T000000.\(number)-1.\(ending)"))
            }
        }
        _ = try await hook.push("webai2hf")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2 * 49)
    }

    @Test func `a repository that the pusher cannot write to is deployed, with logs in the cache`()
        async throws
    {
        let hook = try await HookScene()
        try await hook.bind()
        try Data().write(to: hook.bare.url.appending(path: "spacesync"))
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
        let status = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(
            status.out.contains("deployed at") && status.out.contains(".cache/spacesync/hooks/"), "\(status)")
    }

    @Test func `if no log can be written, the deploy is pushed without waiting for its build`()
        async throws
    {
        let hook = try await HookScene()
        try await hook.bind()
        try Data().write(to: hook.bare.url.appending(path: "spacesync"))
        let pushed = try await hook.push("webai2hf", changing: ["XDG_CACHE_HOME": "/dev/null"])
        #expect(pushed.status == 0 && pushed.err.contains("me/demo pushed at"), "\(pushed)")
        #expect(!pushed.err.contains("Watching"), "\(pushed)")
    }

    @Test func `no token is stored, logged, or visible to other processes`() async throws {
        let hook = try await scene(waiting: "0")
        _ = try await hook.push("webai2hf")
        let deploy = try #require(try hook.stories().first)
        let process = try #require(deploy.process)
        let line = try String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
        #expect(line.contains("story") && !line.contains(Scene.token))
        let environment = try String(contentsOfFile: "/proc/\(process)/environ", encoding: .utf8)
        #expect(!environment.contains("GIT_DIR=") && !environment.contains("GIT_CONFIG"), "\(environment)")
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") {
            let file = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(process)/fd/\(name)")
            #expect(file?.contains("pipe:") != true || Int(name) ?? 0 > 2, "\(name): \(file ?? "")")
        }
        _ = try await ended(hook)
        #expect(!deploy.text.contains(Scene.token))
    }

    @Test func `a failure in the background is reported once at the next push`() async throws {
        let hook = try await scene(waiting: "0")
        try await hook.work.commit([".hub.json": #"{"build":{"fail":"COPY","exit":1}}"#], "Break")
        _ = try await hook.push("webai2hf")
        let broken = try await hook.work.head().prefix(7)
        #expect(try await ended(hook).outcomes == ["me/demo failed"])
        try await hook.configure(["spacesync.hookWait": "30s"])
        for isFirst in [true, false] {
            try await hook.work.commit(["app.py": "print(\(isFirst))\n", ".hub.json": "{}"], "Mend")
            let next = try await hook.push("webai2hf")
            #expect(
                next.err.contains("the previous deploy (\(broken), now): failed") == isFirst,
                "\(next)")
        }
    }

    @Test func `an invalid settings file is reported in the status too`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": "[space \"me/demo\"]\n\tbrunch = x\n"], "Typo")
        _ = try await hook.push("webai2hf")
        let status = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(status.out.contains("refused: ") && status.out.contains("brunch"), "\(status)")
    }
}

import Foundation
import TestSupport
import Testing

@testable import HTTP

/// The `behind` guard in unattended runs: hooks, cron jobs, and sources behind a URL.
struct BehindUnattendedTests {
    private func app(_ scene: Scene) async throws -> String {
        try await scene.repository(of: "me/demo").git("show", "main:app.py")
    }

    @Test func `the hook deploys a branch that was force-pushed back`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        _ = try await hook.push("webai2hf")
        try await hook.work.commit(["app.py": "print(2)\n"], "Two")
        _ = try await hook.push("webai2hf")
        #expect(try await app(hook.scene) == "print(2)")
        try await hook.work.git("reset", "-q", "--hard", "HEAD~1")
        let forced = try await hook.push("--force", "webai2hf")
        #expect(!forced.err.contains("would be reverted"), "\(forced)")
        #expect(try await app(hook.scene) == "print('hello')", "\(forced)")
    }

    @Test func `a hook whose commit is older than a person's deploy is superseded`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let first = try await hook.push("webai2hf")
        #expect(first.status == 0, "\(first)")
        for number in 2...3 {
            try await hook.work.commit(["app.py": "print(\(number))\n"], "Change \(number)")
        }
        // The newest commit is deployed by a person first; then the commit before it is pushed to the hook.
        let pushed = try await hook.scene.spacesync("push", "me/demo", "--no-wait", in: hook.work.url)
        #expect(pushed.status == 0, "\(pushed)")
        try await hook.work.git("push", "-q", hook.bare.url.path, "HEAD:refs/heads/later")
        let late = try await hook.push("HEAD~1:refs/heads/webai2hf")
        #expect(late.err.contains("has a newer commit of webai2hf"), "\(late)")
        #expect(!late.err.contains("error:"), "\(late)")
        #expect(try await app(hook.scene) == "print(3)")
    }

    @Test func `mirror follows a branch that was reset, and refuses one behind a person's deploy`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["app.py": "print(2)\n"], "Two")
        let config = scene.folder.path + "/spaces.conf"
        try Data(
            "[space \"me/demo\"]\nsource = \(source.url.path)\nbranch = webai2hf:main\ncreate = true\n".utf8
        )
        .write(to: URL(fileURLWithPath: config))
        let mirror = { try await scene.spacesync("mirror", "--no-wait", "--config", config) }
        #expect(try await mirror().status == 0)
        try await source.git("reset", "-q", "--hard", "HEAD~1")
        let back = try await mirror()
        #expect(back.status == 0 && !back.err.contains("would be reverted"), "\(back)")
        #expect(try await app(scene) == "print('hello')")

        let person = Repository(url: scene.folder.url.appending(path: "person"), home: source.home)
        try await source.git("clone", "-q", source.url.path, person.url.path)
        try await person.commit(["app.py": "print(3)\n"], "Three")
        let ahead = try await scene.spacesync("push", "me/demo", "--no-wait", in: person.url)
        #expect(ahead.status == 0, "\(ahead)")
        try await person.git("push", "-q", "origin", "HEAD:refs/heads/review")
        let behind = try await mirror()
        #expect(behind.status == 9 && behind.err.contains("Three"), "\(behind)")
        #expect(try await app(scene) == "print(3)")
        try await source.git("merge", "-q", "--ff-only", "review")
        try await source.commit(["app.py": "print(4)\n"], "Four")
        let on = try await mirror()
        #expect(on.status == 0, "\(on)")
        #expect(try await app(scene) == "print(4)")
    }

    @Test func `a remote source is fetched again only if its newest commit does not determine the order`()
        async throws
    {
        let scene = try await Scene()
        try await scene.makeSpace("source")
        let work = try await scene.clone("me/source", as: "work")
        try await work.publish(Scene.files)
        let url = scene.hub.url + "/spaces/me/source"
        let push = { (flags: [String]) in
            try await scene.hub.forget()
            let pushed = try await scene.spacesync(
                ["push", "me/demo", "--source", url, "--no-wait", "--create"] + flags)
            return (pushed, try await scene.hub.asked().filter { $0.isGit && $0.path.contains("/me/source") })
        }
        #expect(try await push([]).0.status == 0)
        try await work.publish(["app.py": "print(2)\n"])
        let (one, next) = try await push([])
        #expect(one.status == 0 && next.count == 3, "\(next)")
        for number in 3...4 { try await work.publish(["app.py": "print(\(number))\n"]) }
        let (two, more) = try await push([])
        #expect(
            two.status == 0 && !two.err.contains("would be reverted") && more.count == 4, "\(two) \(more)")
        // Two branches of the same server.
        try await work.git("push", "-q", "origin", "HEAD~1:refs/heads/old")
        let (old, _) = try await push(["--branch", "old"])
        #expect(old.status == 0 && old.err.contains("1 commit would be reverted"), "\(old)")
    }

    @Test func `a run that is overtaken by another deploy while it runs is superseded`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try #require(try await scene.push(source).status == 0)
        let other = Repository(url: scene.folder.url.appending(path: "other"), home: source.home)
        try await source.git("clone", "-q", source.url.path, other.url.path)
        try await source.commit(["app.py": "print(2)\n"], "Two")
        try await other.git("pull", "-q")
        try await other.commit(["app.py": "print(3)\n"], "Three")
        try await other.git("push", "-q", "origin", "HEAD:refs/heads/three")
        try await scene.hub.fault(
            #"{"method": "POST", "path": "git-receive-pack", "delay_ms": 600000, "times": 1}"#)
        let slow = try scene.start(
            "push", "me/demo", "--no-wait", "--json", in: source.url,
            changing: ["XDG_CACHE_HOME": scene.folder.path + "/slow"])
        #expect(
            try await eventually {
                try await scene.hub.call("GET", "/_hub/held").text != #"{"held":0}"# || !slow.isRunning
            })
        let fast = try await scene.spacesync("push", "me/demo", "--no-wait", in: other.url)
        #expect(fast.status == 0, "\(fast)")
        try await scene.clearFaults()
        let late = await slow.end()
        #expect(late.status == 0 && late.result("outcome") == "superseded", "\(late)")
        #expect(try await app(scene) == "print(3)")
    }
}

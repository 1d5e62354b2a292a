import Foundation
import TestSupport
import Testing

/// A single mirror pass over all targets, as cron runs it.
struct MirrorTests {
    /// Two Spaces of one source, one of another.
    private func fleet(_ scene: Scene) async throws -> (config: String, good: Repository, other: Repository) {
        let good = try await scene.source(named: "good"), other = try await scene.source(named: "other")
        let config = scene.folder.path + "/spaces.conf"
        let sections = [("me/a", good), ("me/b", good), ("me/c", other)].map { name, source in
            "[space \"\(name)\"]\nsource = \(source.url.path)\nbranch = webai2hf:main\ncreate = true\n"
        }
        try Data(sections.joined().utf8).write(to: URL(fileURLWithPath: config))
        return (config, good, other)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a pass deploys every target, and the next pass prints nothing and makes no commit`() async throws {
        let scene = try await Scene()
        let (config, _, _) = try await fleet(scene)
        let first = try await scene.spacesync("mirror", "--config", config)
        #expect(first.status == 0, "\(first)")
        #expect(first.out.split(separator: "\n").count == 3, "\(first.out)")
        try await scene.hub.forget()
        let second = try await scene.spacesync("mirror", "--config", config)
        #expect(second.status == 0 && second.out.isEmpty && second.err.isEmpty, "\(second)")
        let asked = try await scene.hub.asked()
        #expect(asked.count <= 3, "\(asked)")
        #expect(asked.allSatisfy { $0.method == "GET" })
    }

    @Test(.timeLimit(.minutes(30)))
    func `a failing target stops no other, is in table, log and metrics, and causes one notification`()
        async throws
    {
        let scene = try await Scene()
        let (config, _, other) = try await fleet(scene)
        try await other.commit([".hub.json": #"{"build":{"fail":"FROM"}}"#], "Break it")
        let (metrics, log) = (scene.folder.path + "/m.prom", scene.folder.path + "/m.log")
        let flags = ["--config", config, "--metrics-file", metrics, "--log", log]
        try await scene.hub.fault(#"{"method":"POST","path":"/_notice","status":200,"times":-1}"#)
        let hook: [String: String?] = ["NOTICE_URL": scene.hub.url + "/_notice"]
        let run = try await scene.spacesync(
            ["mirror", "-c", "notify=env:NOTICE_URL"] + flags, changing: hook)
        #expect(run.status == 7, "\(run)")
        #expect(run.err.contains("me/c") && run.err.contains("pass: 2 deployed, 1 failed"), "\(run)")
        #expect(!run.err.contains("_notice"), "\(run)")
        let numbers = try String(contentsOfFile: metrics, encoding: .utf8)
        #expect(numbers.contains("spacesync_outcome_ok{space=\"me/a\"} 1"))
        #expect(numbers.contains("spacesync_exit_code{space=\"me/c\"} 7"))
        #expect(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").count == 3)
        let again = try await scene.spacesync(
            ["mirror", "-c", "notify=env:NOTICE_URL"] + flags, changing: hook)
        #expect(run.err.contains("build | ") && !again.err.contains("build | "), "\(again)")
        #expect(
            again.status == 7 && again.err.contains("error: ") && again.err.contains("hint: "), "\(again)")
        let notices = try await scene.hub.asked().count { $0.path == "/_notice" }
        #expect(notices == 1, "the same outcome again is no news")
        try await other.git("rm", "-q", ".hub.json")
        try await other.git("commit", "-qm", "Mend it")
        let fixed = try await scene.spacesync(
            ["mirror", "-c", "notify=env:NOTICE_URL"] + flags, changing: hook)
        #expect(fixed.status == 0 && fixed.err.contains("1 deployed, 2 unchanged"), "\(fixed)")
        #expect(try await scene.hub.asked().count { $0.path == "/_notice" } == 2)
    }

    @Test func `an unknown Space in --only gets a suggestion, and nothing is created`() async throws {
        let scene = try await Scene()
        let (config, good, _) = try await fleet(scene)
        let run = try await scene.spacesync("mirror", "--config", config, "--only", "me/aa", in: good.url)
        #expect(run.status == 2 && run.err.contains("did you mean me/a?"), "\(run)")
        #expect(try await scene.hub.asked().isEmpty)
    }

    @Test(.timeLimit(.minutes(30)))
    func `passes do not overlap, and no lock is left behind`() async throws {
        let scene = try await Scene()
        let (config, _, _) = try await fleet(scene)
        try await scene.hub.fault(#"{"path":"/api/spaces","delay_ms":60000,"times":-1}"#)
        let long = try scene.start("mirror", "--config", config)
        let lock = scene.folder.path + "/home/.cache/spacesync/\(scene.passLockName)"
        #expect(await eventually { FileManager.default.contents(atPath: lock)?.isEmpty == false })
        let second = try await scene.spacesync("mirror", "--config", config)
        #expect(second.status == 75 && second.err.contains("process "), "\(second)")
        long.send(SIGKILL)
        _ = await long.end()
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        let third = try await scene.spacesync("mirror", "--config", config)
        #expect(third.status == 0, "\(third)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `configuration is compared when settings change or the interval is over, not in every pass`()
        async throws
    {
        let scene = try await Scene()
        let (config, _, _) = try await fleet(scene)
        let flags = ["mirror", "--config", config, "--only", "me/a", "-c", "variable=MODE=fast"]
        _ = try await scene.spacesync(flags)
        _ = try await scene.hub.api("POST", "/spaces/me/a/variables", #"{"key":"MODE","value":"slow"}"#)
        // The Hub restarts the Space after the change.
        #expect(
            try await eventually {
                try await scene.hub.json("/spaces/me/a/runtime")["stage"] as? String == "RUNNING"
            })
        let passed = try await scene.spacesync(flags)
        #expect(passed.status == 0 && passed.err.isEmpty, "\(passed)")
        try Data((try String(contentsOfFile: config, encoding: .utf8) + "[spacesync]\nreconcile = 0\n").utf8)
            .write(to: URL(fileURLWithPath: config))
        let due = try await scene.spacesync(flags)
        #expect(due.status == 0 && due.err.contains("set variable MODE"), "\(due)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `two runs for one Space run one after the other`() async throws {
        let scene = try await Scene()
        let (config, _, _) = try await fleet(scene)
        _ = try await scene.spacesync("mirror", "--config", config)
        try await scene.hub.fault(#"{"method":"POST","path":"git-receive-pack","delay_ms":2500}"#)
        let source = try await scene.source(
            ["app.py": "print(9)\n", "Dockerfile": "FROM x\n"], named: "third")
        let slow = try scene.start(
            "push", "me/a", "--source", source.url.path, "--branch", "webai2hf:main", "--no-wait", "--force")
        let lock = scene.folder.path + "/home/.cache/spacesync/locks"
        #expect(
            try await eventually {
                try await scene.hub.asked().contains {
                    $0.path.hasSuffix("git-receive-pack") || $0.query.contains("receive")
                }
                    && FileManager.default.fileExists(atPath: lock)
            })
        let second = try await scene.spacesync(
            "push", "me/a", "--config", config, "--wait", "0", "--no-wait", "--force")
        #expect(second.status == 75 || second.status == 0, "\(second)")
        _ = await slow.end()
        let third = try await scene.spacesync("push", "me/a", "--config", config, "--no-wait", "--force")
        #expect(third.status == 0, "\(third)")
    }
}

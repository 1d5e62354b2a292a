import Foundation
import TestSupport
import Testing

/// `--json`, and the contents of standard output.
struct JSONTests {
    private let fields: Set = [
        "event", "time", "space", "outcome", "commit", "source_commit", "space_url", "app_url", "stage",
        "seconds",
        "requests", "bytes_sent", "bytes_received", "exit", "guards", "message", "hint",
    ]

    /// Checks that every line is an object with event, time (RFC 3339) and space, and that the last
    /// is a complete result.
    private func expectContract(_ finished: Finished) throws {
        let lines = finished.out.split(separator: "\n")
        #expect(lines.count == finished.events.count, "each line is an object: \(finished)")
        for event in finished.events {
            #expect(event["event"] is String && event.keys.contains("space"), "\(event)")
            let time = try #require(event["time"] as? String)
            #expect(
                time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/) != nil,
                "\(time)")
        }
        let last = try #require(finished.events.last, "\(finished)")
        #expect(last["event"] as? String == "result", "\(finished)")
        #expect(Set(last.keys) == fields, "\(last.keys.sorted())")
        #expect(last["exit"] as? Int == Int(finished.status))
    }

    @Test func `a complete deploy is reported as events`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let pushed = try await scene.spacesync("push", "me/demo", "--create", "--json", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        try expectContract(pushed)
        let names = pushed.events.compactMap { $0["event"] as? String }
        for name in ["read", "planned", "pushed", "stage", "log", "result"] {
            #expect(names.contains(name), "\(name)")
        }
        #expect(pushed.events.allSatisfy { $0["space"] as? String == "me/demo" })
        let planned = try #require(pushed.events("planned").first)
        for key in ["added", "updated", "removed", "kept", "lfs", "changes"] {
            #expect(planned[key] != nil, "\(key)")
        }
        let clone = try await scene.clone("me/demo")
        #expect(pushed.result("commit") == (try await clone.head()))
        #expect(pushed.result("source_commit") == (try await source.head()))
        #expect(pushed.result("space_url") == "\(scene.hub.url)/spaces/me/demo")
        #expect(pushed.result("outcome") == "deployed" && pushed.result("stage") == "RUNNING")
        let result = try #require(pushed.events.last)
        for key in ["requests", "bytes_sent", "bytes_received"] {
            #expect((result[key] as? Int ?? 0) > 0, "\(key)")
        }
        #expect(result["seconds"] is Double)
    }

    @Test func `a plan is reported as events, and nothing is sent`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--create", "--json", "--exit-code", in: source.url)
        #expect(plan.status == 10, "\(plan)")
        #expect(plan.result("outcome") == "planned")
        let changes = plan.events("planned").first?["changes"] as? [[String: Any]] ?? []
        #expect(changes.compactMap { $0["path"] as? String }.contains("app.py"), "\(plan)")
        #expect(changes.allSatisfy { $0["change"] as? String == "added" && $0["why"] is String })
    }

    @Test(
        arguments: [
            (["psuh"], 2), (["push", "me/demo", "--brunch", "x"], 2), (["push", "me/demo", "--sdk", "x"], 2),
            (["push", "me/demo", "--branch", "nowhere"], 4), (["push", "me/demo"], 6),
            (["watch", "me/nothing"], 6),
        ] as [([String], Int32)])
    func `an early error is a result too`(line: [String], code: Int32) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let finished = try await scene.spacesync(line + ["--json"], in: source.url)
        #expect(finished.status == code, "\(finished)")
        try expectContract(finished)
        #expect(finished.result("message")?.isEmpty == false)
        #expect(finished.err.isEmpty, "\(finished)")
    }

    @Test func `each target has its result, and the exit code is that of the most severe one`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write([
            ".spacesync": "[space \"me/a\"]\n\tcreate = true\n[space \"me/b\"]\n\tbranch = nowhere\n"
        ])
        let pushed = try await scene.spacesync("push", "--json", in: source.url)
        #expect(pushed.status == 4, "\(pushed)")
        let results = pushed.events("result").map { "\($0["space"] ?? ""): \($0["exit"] ?? "")" }
        // Results are printed as targets finish, so a slow target may be last.
        #expect(results.sorted() == ["me/a: 0", "me/b: 4"], "\(pushed)")
        let planned = try await scene.spacesync("plan", "--json", in: source.url)
        #expect(planned.events("result").map { $0["space"] as? String } == ["me/a", "me/b"], "\(planned)")
    }

    @Test func `a text push prints only the app's URL`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for _ in 1...2 {
            let pushed = try await scene.spacesync("push", "me/demo", "--create", "-v", in: source.url)
            let url = try #require(try await scene.hub.json("/spaces/me/demo")["host"] as? String)
            #expect(pushed.out == "\(url)\n", "\(pushed)")
        }
    }

    @Test(
        .timeLimit(.minutes(30)),
        arguments: [
            "\"$0\" push me/demo --create --json | head -n 1",
            "\"$0\" push me/demo --create -v 2>&1 | head -n 1",
            "\"$0\" push me/demo --create 2>&1 | true", "\"$0\" push me/demo --create >&- 2>&-",
            "\"$0\" push me/demo --create --json <&- >&- 2>&-",
        ])
    func `closed or unread streams do not end a deploy`(line: String) async throws {
        let scene = try await Scene()
        let script = #"{"build":{"seconds":0.6,"log":["one","two","three"]}}"#
        let source = try await scene.source(Scene.files.merging([".hub.json": script]) { $1 })
        // The status of the binary itself, not of the pipe's reader.
        let shell =
            "{ \(line.replacing("|", with: "; echo $? >status; } |")) \(line.contains("|") ? "" : "; echo $? >status; }")"
        _ = try await run(
            "/bin/sh", ["-c", shell, Binary.path], environment: scene.environment, directory: source.url)
        let status = source.url.path + "/status"
        #expect(await eventually { FileManager.default.contents(atPath: status) == Data("0\n".utf8) })
        #expect(try await scene.hub.json("/spaces/me/demo/runtime")["stage"] as? String == "RUNNING")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let next = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(next.status == 0, "the cache is whole: \(next)")
    }

    @Test func `descriptors 0 to 2 are not reused for sockets and files if they were closed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":60}}"#]) { $1 })
        let pushing = try LiveRun.start(
            "/bin/sh", ["-c", "exec \"$0\" push me/demo --create <&- >&- 2>&-", Binary.path],
            environment: scene.environment, directory: source.url)
        #expect(
            try await eventually { try await scene.hub.asked().contains { $0.path.hasSuffix("/runtime") } })
        for number in 0...2 {
            let path = "/proc/\(pushing.id)/fd/\(number)"
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "/dev/null")
        }
        pushing.send(SIGINT)
        #expect(await pushing.end().status == 130)
    }
}

import Foundation
import TestSupport
import Testing

/// Limits on the number of requests per run, as counted by the Hub and as reported by the run.
struct BudgetTests {
    private func asked(
        _ scene: Scene, _ line: [String], in source: Repository
    ) async throws -> (finished: Finished, asked: [HubProcess.Asked]) {
        try await scene.hub.forget()
        let finished = try await scene.spacesync(line + ["--json"], in: source.url)
        // The Hub logs a streamed request only when its connection has closed.
        let reported = finished.events("result").last?["requests"] as? Int ?? 0
        _ = try await eventually { try await scene.hub.asked().count >= reported }
        return (finished, try await scene.hub.asked())
    }

    @Test func `a watched deploy makes few requests and reports their number`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for (change, limit) in [("one", 18), ("two", 12)] {
            try await source.commit(["app.py": "print('\(change)')\n"], change)
            let (pushed, asked) = try await asked(scene, ["push", "me/demo", "--create"], in: source)
            #expect(pushed.result("outcome") == "deployed", "\(pushed)")
            #expect(asked.count <= limit, "\(asked)")
            // A second request is made if the first stream still showed the previous build.
            #expect((1...2).contains(asked.count { $0.path.hasSuffix("/logs/build") }), "\(asked)")
            #expect(asked.allSatisfy { (200..<300).contains($0.status) || change == "one" }, "\(asked)")
            #expect(pushed.events("result").last?["requests"] as? Int == asked.count, "\(asked)")
        }
    }

    @Test func `unwatched and unchanged pushes make fewer requests`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        let (_, idle) = try await asked(scene, ["push", "me/demo"], in: source)
        #expect(idle.count <= 3, "\(idle)")
        try await source.commit(["app.py": "print(2)\n"], "Change")
        let (plan, planned) = try await asked(scene, ["plan", "me/demo"], in: source)
        #expect(plan.status == 0 && planned.count <= 2, "\(planned)")
        #expect(planned.allSatisfy { !$0.path.contains("receive-pack") }, "\(planned)")
        let (pushed, asked) = try await asked(scene, ["push", "me/demo", "--no-wait"], in: source)
        #expect(pushed.result("outcome") == "pushed" && asked.count <= 4, "\(asked)")
    }

    @Test func `commands that need no network make no requests`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        for line in [
            ["--version"], ["help"], ["push", "--help"], ["push", "me/demo", "--brunch"], ["push"],
        ] {
            _ = try await scene.spacesync(line, in: source.url)
        }
        #expect(try await scene.hub.asked().isEmpty)
    }
}

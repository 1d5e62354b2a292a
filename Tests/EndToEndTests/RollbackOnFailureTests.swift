import Foundation
import TestSupport
import Testing

/// `rollbackOnFailure`: a failed deploy is rolled back automatically, once.
struct RollbackOnFailureTests {
    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(
            ["push", "me/demo", "--create", "--json", "-c", "rollbackOnFailure=true"] + flags, in: source.url)
    }

    @Test
    func `a failed build is rolled back and watched until it runs, and the exit code reports the failure`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 2)
        try await scene.watched()
        let good = try await scene.commits()
        try await source.breakBuild()
        let failed = try await push(scene, source)
        #expect(failed.status == 7 && failed.result("outcome") == "rolled_back", "\(failed)")
        #expect(failed.result("stage") == "RUNNING")
        let message = try #require(failed.result("message"))
        #expect(message.contains("RUN false") && message.contains("rolled back me/demo"), "\(message)")
        let commits = try await scene.commits()
        #expect(commits.count == good.count + 2 && failed.result("commit") == commits[0])
        #expect(try await scene.tree(of: commits[0]) == scene.tree(of: good[0]))
        try await scene.checkSpace()
        for _ in 1...3 {
            let again = try await push(scene, source)
            #expect(again.status == 0 && again.result("outcome") == "held_back", "\(again)")
        }
        #expect(try await scene.commits() == commits, "not one commit more")
    }

    @Test func `a failed probe causes a rollback; if that fails too, there is no further attempt`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await scene.watched()
        try await source.change(to: 2)
        let count = try await scene.commits().count
        let failed = try await push(scene, source, "-c", "probe=/health 299")
        #expect(failed.status == 7 && failed.result("outcome") == "failed", "\(failed)")
        #expect(failed.result("message")?.contains("the rollback failed too") == true, "\(failed)")
        #expect(try await scene.commits().count == count + 2, "no loop")
    }

    @Test func `a first deploy, or one after deploys that did not run, is not rolled back`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        try await source.breakBuild()
        let first = try await push(scene, source)
        #expect(first.status == 7 && first.result("outcome") == "failed", "\(first)")
        #expect(first.result("message")?.contains("first deploy") == true, "\(first)")
        try await source.change(to: 2)
        let second = try await push(scene, source)
        #expect(
            second.status == 7 && second.result("message")?.contains("did not run either") == true,
            "\(second)")
        #expect(try await scene.commits().count == 3)
    }

    @Test func `a rollback restores the last running deploy, past deploys that failed`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await scene.watched()
        let good = try await scene.commits()[0]
        try await source.breakBuild()
        try #require(try await scene.spacesync("push", "me/demo", in: source.url).status == 7)
        // The last deploy failed and nothing is running: the newest deploy that ran is restored.
        try await source.commit(["lib/x.txt": "2\n"], "Still broken")
        let failed = try await push(scene, source)
        #expect(failed.status == 7 && failed.result("outcome") == "rolled_back", "\(failed)")
        let commits = try await scene.commits()
        #expect(try await scene.tree(of: commits[0]) == scene.tree(of: good))
        let message = try await scene.message()
        #expect(message.contains("\nRelease: 4\nPrevious-Outcome: failed \(commits[1])\n"), "\(message)")
    }

    @Test func `if no earlier deploy is known to have run, nothing is rolled back`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":60}}"#]) { $1 })
        try #require(try await scene.push(source).status == 0)
        try await source.commit(Scene.quick, "Quick")
        try await source.breakBuild()
        let failed = try await push(scene, source)
        #expect(failed.status == 7 && failed.result("outcome") == "failed", "\(failed)")
        #expect(
            failed.result("message")?.contains("no earlier deploy is known to have run") == true, "\(failed)")
        #expect(try await scene.commits().count == 3)
    }

    @Test func `a timeout does not cause a rollback`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await source.commit([".hub.json": #"{"build":{"seconds":60}}"#], "Slow")
        let slow = try await push(scene, source, "--timeout", "1s")
        #expect(slow.status == 8 && slow.result("outcome") == "timed_out", "\(slow)")
        #expect(try await scene.commits().count == 3)
    }

    @Test func `without the setting nothing is rolled back`() async throws {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        try await source.breakBuild()
        let failed = try await scene.spacesync("push", "me/demo", "--json", in: source.url)
        #expect(failed.status == 7 && failed.result("outcome") == "failed", "\(failed)")
        #expect(try await scene.commits().count == 3)
    }
}

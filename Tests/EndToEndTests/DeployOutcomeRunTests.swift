import Foundation
import TestSupport
import Testing

/// Outcomes that deploys record of previous deploys, and rollback to a deploy that ran.
struct DeployOutcomeRunTests {
    private func push(_ scene: Scene, _ source: Repository, _ flags: String...) async throws -> Finished {
        try await scene.spacesync(["push", "me/demo", "--create", "--json"] + flags, in: source.url)
    }

    private func quickSource(_ scene: Scene) async throws -> Repository {
        try await scene.source(
            Scene.files.merging(Scene.quick) { $1 }.merging(["lib/x.txt": "1\n"]) { $1 })
    }

    /// Deploys 1 (ran), 2 (its build failed) and 3 (ran).
    private func mixed(_ scene: Scene) async throws -> Repository {
        let source = try await quickSource(scene)
        try #require(try await push(scene, source).status == 0)
        try await source.breakBuild()
        try #require(try await push(scene, source).status == 7)
        try await source.commit(
            ["Dockerfile": Scene.files["Dockerfile"] ?? "", "app.py": "print(3)\n"], "Fix")
        try #require(try await push(scene, source).status == 0)
        return source
    }

    private func outcomes(_ scene: Scene, _ flags: String...) async throws -> [String?] {
        let history = try await scene.spacesync(["history", "me/demo", "--json"] + flags)
        return history.events("history").map { $0["outcome"] as? String }
    }

    @Test func `each deploy has a release number and records the outcome of the previous deploy`()
        async throws
    {
        let scene = try await Scene()
        _ = try await mixed(scene)
        let commits = try await scene.commits()
        let messages = try await [
            scene.message(of: commits[2]), scene.message(of: commits[1]), scene.message(),
        ]
        #expect(messages[0].contains("\nRelease: 1\n") && !messages[0].contains("Previous-Outcome"))
        #expect(messages[1].contains("\nRelease: 2\nPrevious-Outcome: ran \(commits[2])\n"), "\(messages)")
        #expect(messages[2].contains("\nRelease: 3\nPrevious-Outcome: failed \(commits[1])\n"), "\(messages)")
        #expect(try await outcomes(scene) == ["ran", "failed", "ran"])
        // Without the cache the outcomes come from the Space's commits.
        scene.dropCache()
        #expect(try await outcomes(scene) == ["ran", "failed", "ran"])
    }

    @Test func `without a cache the stage before the push gives the outcome, at no extra request`()
        async throws
    {
        let scene = try await Scene()
        let source = try await quickSource(scene)
        try #require(try await push(scene, source).status == 0)
        for (number, outcome) in [(2, "ran"), (3, "failed")] {
            if number == 2 { try await source.breakBuild() } else { try await source.change(to: number) }
            scene.dropCache()
            let before = try await scene.commits()[0]
            let pushed = try await push(scene, source)
            #expect(pushed.status == 7, "\(pushed)")
            #expect(try await scene.message().contains("\nPrevious-Outcome: \(outcome) \(before)\n"))
        }
        // This deploy is not watched, and its build has not finished.
        try await source.commit(
            [".hub.json": #"{"build":{"seconds":60}}"#, "Dockerfile": "FROM x\n"], "Slow")
        try #require(try await push(scene, source, "--no-wait").status == 0)
        let slow = try await scene.commits()[0]
        try await source.change(to: 5)
        try #require(try await push(scene, source, "--no-wait", "-c", "trace=none").status == 0)
        let message = try await scene.message()
        #expect(message.contains("\nRelease: 5\nPrevious-Outcome: unknown \(slow)\n"), "\(message)")
    }

    @Test func `a failed probe counts as a failure although the Space is RUNNING`() async throws {
        let scene = try await Scene()
        let source = try await quickSource(scene)
        try #require(try await push(scene, source, "-c", "probe=/health 299").status == 7)
        try await source.change(to: 2)
        try #require(try await push(scene, source).status == 0)
        let commits = try await scene.commits()
        #expect(try await scene.message().contains("\nPrevious-Outcome: failed \(commits[1])\n"))
    }

    @Test func `rollback restores the last deploy that ran, skips failed ones, and names it`() async throws {
        let scene = try await Scene()
        _ = try await mixed(scene)
        let commits = try await scene.commits()
        let back = try await scene.spacesync("rollback", "me/demo")
        #expect(back.status == 0, "\(back)")
        #expect(
            back.err.contains("rollback to v1 (\(commits[2].prefix(7))), which ran: Say hello"), "\(back)")
        #expect(!back.err.contains("warning"), "\(back)")
        let now = try await scene.commits()
        #expect(try await scene.tree(of: now[0]) == scene.tree(of: commits[2]))
        let message = try await scene.message()
        #expect(message.contains("\nRelease: 4\nPrevious-Outcome: ran \(commits[0])\n"), "\(message)")
        #expect(message.components(separatedBy: "\nRelease:").count == 2, "\(message)")
        #expect(try await outcomes(scene) == ["ran", "rolled_back", "rolled_back", "ran"])
    }

    @Test func `an unknown outcome is a warning, and a failed deploy is restored only by its number`()
        async throws
    {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 1)
        let source = Repository(
            url: scene.folder.url.appending(path: "source"), home: scene.folder.path + "/home")
        // The stage of an unfinished build gives no outcome.
        try await source.commit([".hub.json": #"{"build":{"seconds":60}}"#], "Slow")
        try #require(try await scene.push(source).status == 0)
        try await source.change(to: 3)
        try #require(try await scene.push(source).status == 0)
        let back = try await scene.rollback("-n")
        let warnings = back.events("warning").compactMap { $0["message"] as? String }
        #expect(back.status == 0 && warnings.contains { $0.contains("the outcome of v2") }, "\(back)")

        let other = try await Scene()
        _ = try await mixed(other)
        let failed = try await other.rollback("v2", "-n")
        let words = failed.events("warning").compactMap { $0["message"] as? String }
        #expect(
            failed.status == 0 && words.contains { $0.contains("v2") && $0.contains("failed") }, "\(failed)")
    }

    @Test func `if every earlier deploy failed, rollback is refused`() async throws {
        let scene = try await Scene()
        let source = try await quickSource(scene)
        try await source.breakBuild()
        try #require(try await push(scene, source).status == 7)
        try await source.commit(["Dockerfile": Scene.files["Dockerfile"] ?? ""], "Fix")
        try #require(try await push(scene, source).status == 0)
        let none = try await scene.rollback()
        #expect(none.status == 6 && none.result("message")?.contains("failed") == true, "\(none)")
    }

    @Test func `vN selects a deploy by its release number, a plain N counts back`() async throws {
        let scene = try await Scene()
        _ = try await scene.deployed(times: 3)
        let deploys = Array(try await scene.commits().reversed().dropFirst())
        try #require(try await scene.rollback("v1", "--no-wait").status == 0)
        #expect(try await scene.tree(of: "main") == scene.tree(of: deploys[0]))
        // Release numbers are fixed: 1 counts back from the newest deploy, v2 always is the same deploy.
        try #require(try await scene.rollback("v2", "--no-wait").status == 0)
        #expect(try await scene.tree(of: "main") == scene.tree(of: deploys[1]))
        try #require(try await scene.rollback("1", "--no-wait").status == 0)
        #expect(try await scene.tree(of: "main") == scene.tree(of: deploys[0]))
        #expect(try await scene.message().contains("\nRelease: 6\n"))
        let missing = try await scene.rollback("v77")
        #expect(missing.status == 6 && missing.result("message")?.contains("v77") == true, "\(missing)")
        for word in ["v0", "v", "v-1", "vv1", "v1000000000", "v99999999999999999999", "v01"] {
            let odd = try await scene.rollback(word)
            #expect(odd.status == 2, "\(odd)")
        }
        let both = try await scene.rollback("v1", "--to", deploys[0])
        #expect(both.status == 2, "\(both)")
    }

    @Test func `invalid release numbers in the history neither stop a deploy nor mislead a rollback`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.deployed(times: 1)
        let clone = try await scene.clone("me/demo", as: "hub-side")
        let trailers = [
            "Release: 99999999999999999999", "Release: -4", "Release: many", "Release: 7\nRelease: 8",
            "Release: 5\nPrevious-Outcome: ran nothing", "Release: 5\nPrevious-Outcome: failed",
        ]
        for (number, text) in trailers.enumerated() {
            try clone.write(["odd.txt": "\(number)\n"])
            try await clone.git("add", "-A")
            try await clone.git("commit", "-q", "-m", "Odd \(number)\n\n\(text)\nSpacesync: 0.0.1")
        }
        try await clone.git("push", "-q", "origin", "HEAD:main")
        let odd = try await scene.commits()
        let twice = try await scene.rollback("v5")
        #expect(twice.status == 6, "\(twice)")
        let words = try #require(twice.result("message"))
        #expect(words.contains(odd[0]) && words.contains(odd[1]), "both are named: \(words)")
        #expect(try await scene.rollback("v7").status == 6)
        let history = try await scene.spacesync("history", "me/demo", "--json")
        let numbers = history.events("history").map { $0["release"] as? Int }
        #expect(numbers == [5, 5, nil, nil, nil, nil, 1], "\(history)")
        try await source.change(to: 2)
        let pushed = try await scene.push(source, "--force=drift,deletes")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await scene.message().contains("\nRelease: 6\n"))
    }

    @Test func `the first release number counts deploys from before release numbers existed`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        try await scene.makeSpace()
        let clone = try await scene.clone("me/demo", as: "hub-side")
        for number in 1...3 {
            try clone.write(Scene.files.merging(["app.py": "print(\(number))\n"]) { $1 })
            try await clone.git("add", "-A")
            try await clone.git("commit", "-q", "-m", "Old \(number)\n\nSpacesync: 0.0.1")
        }
        try await clone.git("push", "-q", "origin", "HEAD:main")
        try #require(try await scene.push(source).status == 0)
        #expect(try await scene.message().contains("\nRelease: 4\n"))
    }

    @Test func `commits of the source's own history get no trailers`() async throws {
        let scene = try await Scene()
        let source = try await scene.pushedHistory()
        try await source.commit(["app.py": "print('three')\n"], "Three")
        try #require(try await scene.pushHistory(of: source).status == 0)
        #expect(try await scene.headOfSpace() == source.head())
        let back = try await scene.rollback(
            "--to", try await source.head("HEAD~1"), "-c", "history=source", "--no-wait")
        #expect(back.status == 0, "\(back)")
        let message = try await scene.message()
        #expect(!message.contains("Release:") && !message.contains("Previous-Outcome"), "\(message)")
    }
}

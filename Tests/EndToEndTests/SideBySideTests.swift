import Foundation
import TestSupport
import Testing

/// Parallel deploys of several targets in one run.
struct SideBySideTests {
    private let wrong = "FROM python:3.12\nCOPY app.py .\nRUN false\nCMD [\"python\", \"app.py\"]\n"

    /// Three targets that deploy and one whose build fails.
    private func fleet() async throws -> Fleet {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "one"))
        fleet.add("me/b", from: try await Fleet.source(scene, "two", dockerfile: wrong))
        fleet.add("me/c", from: try await Fleet.source(scene, "three"))
        fleet.add("me/d", from: try await Fleet.source(scene, "four"))
        return fleet
    }

    @Test(arguments: [1, 4])
    func `parallel runs have the same results as sequential ones`(jobs: Int) async throws {
        let fleet = try await fleet()
        let pushed = try await fleet.run("push", jobs: jobs)
        #expect(pushed.status == 7, "\(pushed)")
        let urls = pushed.out.split(separator: "\n").map {
            $0.dropFirst("http://".count).prefix { $0 != "." }
        }
        #expect(urls == ["me-a", "me-c", "me-d"], "\(pushed)")
        #expect(pushed.err.contains("error: the build of "), "\(pushed)")
        for (space, name) in [("a", "one"), ("c", "three"), ("d", "four")] {
            #expect(try await fleet.scene.clone("me/\(space)", as: space).text("name.txt") == name)
        }
        let again = try await fleet.run("push", "--json", jobs: jobs)
        let outcomes = again.events("result").map { "\($0["space"] ?? "") \($0["outcome"] ?? "")" }
        #expect(
            Set(outcomes) == ["me/a unchanged", "me/b failed", "me/c unchanged", "me/d unchanged"], "\(again)"
        )
    }

    @Test func `no line is printed under another Space's heading`() async throws {
        let fleet = try await fleet()
        let pushed = try await fleet.run("push")
        let chapters = pushed.chapters
        #expect(pushed.err.contains("\n=====> 3 deployed; 1 failed, with exit code: me/b (7)\n"), "\(pushed)")
        #expect(Set(chapters.map(\.space)) == ["me/a", "me/b", "me/c", "me/d"], "\(pushed)")
        let sources = ["me/a": "one", "me/b": "two", "me/c": "three", "me/d": "four"]
        for (space, lines) in chapters {
            let others = sources.keys.filter { $0 != space }
            #expect(!lines.contains { line in others.contains { line.contains($0) } }, "\(space): \(pushed)")
            let strange = sources.filter { $0.key != space }.values
            #expect(!lines.contains { line in strange.contains { line.contains(" \($0): ") } }, "\(pushed)")
        }
        // Each Space has the complete log of its own build.
        for space in ["me/a", "me/c", "me/d"] {
            let lines = chapters.filter { $0.space == space }.flatMap(\.lines)
            let commit = try #require(lines.first { $0.contains("commit ") }?.suffix(7))
            let queued = lines.filter { $0.contains("Commit SHA: ") }
            #expect(queued.count == 1 && queued[0].contains("SHA: \(commit)"), "\(space): \(pushed)")
            #expect(lines.contains { $0.contains("Exporting cache") }, "\(space): \(pushed)")
            #expect(lines.last { $0.hasPrefix("----->") }?.contains("deployed at") == true, "\(pushed)")
        }
    }

    @Test func `plans are printed in order, each under its heading`() async throws {
        let fleet = try await fleet()
        let out = fleet.scene.folder.path + "/plan"
        let planned = try await fleet.run("plan", "--out", out)
        #expect(planned.status == 0, "\(planned)")
        let headings = planned.out.split(separator: "\n").filter { $0.hasPrefix("=====> ") }
        #expect(headings == ["=====> me/a", "=====> me/b", "=====> me/c", "=====> me/d"], "\(planned)")
        let plan = try String(contentsOfFile: out, encoding: .utf8)
        let positions = try ["me/a", "me/b", "me/c", "me/d"].map {
            try #require(plan.range(of: "\"\($0)\"")).lowerBound
        }
        #expect(positions == positions.sorted(), "\(plan)")
    }

    @Test func `a target that waits for its build does not delay the others`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "slow", build: #"{"seconds": 120}"#))
        fleet.add("me/b", from: try await Fleet.source(scene, "quick"))
        fleet.add("me/c", from: try await Fleet.source(scene, "bad", dockerfile: wrong))
        fleet.add("me/d", from: try await Fleet.source(scene, "other"))
        let run = try LiveRun.start(
            Binary.path, try fleet.words("push", jobs: 2), environment: scene.environment,
            directory: scene.folder.url)
        for words in ["me/b deployed at", "on me/c failed", "me/d deployed at"] {
            #expect(await run.says(words), "\(words): \(run.err)")
        }
        #expect(run.isRunning && !run.err.contains("me/a deployed"), "\(run.err)")
        run.send(SIGINT)
        let ended = await run.end()
        #expect(ended.status == 130, "\(ended)")
        #expect(ended.err.contains("error: me/a: interrupted"), "\(ended)")
        let spaces = ended.chapters.map(\.space)
        #expect(spaces.first == "me/a" && spaces.last == "me/a", "\(ended)")
    }

    /// Five Spaces with slow pushes and long builds.
    private func slowFleet(_ scene: Scene, push: Int) async throws -> Fleet {
        var fleet = Fleet(scene)
        let slow = try await Fleet.source(scene, "slow", build: #"{"seconds": 120}"#)
        for space in ["a", "b", "c", "d", "e"] { fleet.add("me/\(space)", from: slow) }
        try await scene.hub.fault(
            #"{"method": "POST", "path": "git-receive-pack", "delay_ms": \#(push), "times": -1}"#)
        return fleet
    }

    @Test func `at most jobs targets are pushed at once, and watched builds do not count`() async throws {
        let scene = try await Scene()
        let fleet = try await slowFleet(scene, push: 3000)
        let run = try LiveRun.start(
            Binary.path, try fleet.words("push", "--json", jobs: 3), environment: scene.environment,
            directory: scene.folder.url)
        func planned() -> Int { run.out.split(separator: "\n").count { $0.contains(#""event":"planned""#) } }
        #expect(await eventually { planned() == 3 }, "\(run.out)")
        #expect(!run.out.contains("me/d") && !run.out.contains("me/e"), "\(run.out)")
        // All five were pushed, while every build still runs.
        #expect(
            await eventually {
                run.out.split(separator: "\n").count { $0.contains(#""event":"pushed""#) } == 5
            }, "\(run.out)")
        run.send(SIGINT)
        let ended = await run.end()
        #expect(ended.status == 130)
        let outcomes = ended.events("result").compactMap { $0["outcome"] as? String }
        #expect(outcomes == Array(repeating: "interrupted", count: 5), "\(ended)")
    }

    @Test func `Ctrl-C reports targets that were not started in one line`() async throws {
        let scene = try await Scene()
        let fleet = try await slowFleet(scene, push: 20_000)
        let run = try LiveRun.start(
            Binary.path, try fleet.words("push", jobs: 2), environment: scene.environment,
            directory: scene.folder.url)
        #expect(await run.says("Pushing to me/a"), "\(run.err)")
        run.send(SIGINT)
        let ended = await run.end()
        #expect(ended.status == 130)
        #expect(ended.err.contains("error: interrupted: 3 more Spaces were not started"), "\(ended)")
        #expect(ended.err.contains("error: me/a: interrupted"), "\(ended)")
        #expect(!ended.err.contains("me/c"), "\(ended)")
    }

    @Test func `a source shared by four concurrent targets is fetched once`() async throws {
        let scene = try await Scene()
        try await scene.makeSpace("source")
        try await scene.clone("me/source", as: "work").publish(Scene.files)
        var fleet = Fleet(scene)
        for space in ["a", "b", "c", "d"] {
            fleet.add("me/\(space)", from: scene.hub.url + "/spaces/me/source")
        }
        // Delays the source's response, so that all targets wait for it.
        try await scene.hub.fault(#"{"path": "/me/source/info/refs", "delay_ms": 4000, "times": -1}"#)
        try await scene.hub.forget()
        let first = try await fleet.run("push", "--no-wait")
        #expect(first.status == 0, "\(first)")
        let cold = try await scene.hub.asked().filter { $0.isGit && $0.path.contains("/me/source") }
        // Its references, its trees, its files.
        #expect(cold.count == 3, "\(cold)")
        try await scene.hub.forget()
        let idle = try await fleet.run("push", "--no-wait")
        #expect(idle.status == 0, "\(idle)")
        let warm = try await scene.hub.asked()
        #expect(warm.count == 5 && warm.filter { $0.path.contains("/me/source") }.count == 1, "\(warm)")
    }

    @Test func `all requests share a few kept connections`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        let source = try await Fleet.source(scene, "one")
        for number in 1...12 { fleet.add("me/t\(number)", from: source) }
        try await scene.hub.forget()
        let pushed = try await fleet.run("push")
        #expect(pushed.status == 0, "\(pushed)")
        let asked = try await scene.hub.asked()
        // Two for each watched target: one for its log, one for other requests.
        #expect(Set(asked.map(\.connection)).count <= 26 && asked.count > 100, "\(asked)")
        try await scene.hub.forget()
        // A push would request one list of all Spaces.
        _ = try await fleet.run("plan")
        let idle = try await scene.hub.asked()
        #expect(Set(idle.map(\.connection)).count <= 4 && idle.count == 12, "\(idle)")
    }
}

import Foundation
import TestSupport
import Testing

/// Runs killed at random moments. The sample has a fixed seed; `.ci/run --full` makes it ten times as long.
struct RandomKillTests {
    private static let kills = ProcessInfo.processInfo.environment["SPACESYNC_FULL"] == nil ? 40 : 400

    @Test(.timeLimit(.minutes(30)), arguments: ["push", "mirror"])
    func `a run killed at a random moment is completed by the next run without a second deploy`(
        command: String
    )
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(Self.files(0))
        var fleet = Fleet(scene)
        for name in ["a", "b", "c"] {
            fleet.add("me/" + name, from: source.url.path, "branch = webai2hf:main", "variable = MODE=fast")
        }
        let words = try fleet.words(command)
        var (random, kills, commits, span) = (FixedSeed(20), 0, 0, Duration.seconds(1))
        while kills < Self.kills {
            commits += 1
            // More than 120 commits within an hour would make a pass wait; the cache may be deleted
            // at any time.
            if commits % 30 == 0 { scene.dropCache() }
            try source.write(Self.files(commits))
            try source.write(bytes: [
                "weights.bin": Data((0..<50_000).map { UInt8($0 & 255) ^ UInt8(commits & 255) })
            ])
            try await source.git("add", "-A")
            try await source.git("commit", "-qm", "Change \(commits)")
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let run = try LiveRun.start(
                    Binary.path, words, environment: scene.environment, directory: scene.folder.url)
                try await Task.sleep(for: span * Double.random(in: 0...1, using: &random))
                run.send(SIGKILL)
                _ = await run.end()
                kills += 1
            }
            let clock = ContinuousClock(), begin = clock.now
            let run = try await scene.spacesync(words)
            span = max(span / 2, begin.duration(to: clock.now) * 1.2)
            #expect(run.status == 0, "after \(kills) kills: \(run)")
            try await check(scene, holds: commits)
        }
    }

    private static func files(_ number: Int) -> [String: String] {
        Scene.files.merging([
            "app.py": "print(\(number))\n",
            ".hub.json": #"{"build":{"seconds":0.1},"start":{"seconds":0}}"#,
        ]) { $1 }
    }

    private func check(_ scene: Scene, holds number: Int) async throws {
        for name in ["a", "b", "c"] {
            let hub = Repository(
                url: scene.folder.url.appending(path: "hub/spaces/me/\(name).git"),
                home: scene.folder.path + "/home")
            #expect(try await hub.git("show", "main:app.py") == "print(\(number))")
            let sources = try await hub.git("log", "--format=%(trailers:key=Source-Commit,valueonly)", "main")
                .split(separator: "\n")
            #expect(Set(sources).count == sources.count, "a commit was deployed twice")
        }
    }
}

import Foundation
import TestSupport
import Testing

/// Concurrent runs for one Space: the compare-and-swap of the push keeps them consistent, with or
/// without shared locks.
struct RaceTests {
    @Test(.timeLimit(.minutes(30)), arguments: ["one machine", "ten machines"])
    func `ten processes deploy ten commits to one Space, and each reports its true outcome`(place: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(Self.files(0))
        for number in 1...10 {
            try await source.git("checkout", "-q", "-b", "b\(number)", "webai2hf")
            try await source.commit(Self.files(number), "Commit \(number)")
        }
        try await scene.makeSpace()
        let runs = try (1...10).map { number in
            let home = place == "one machine" ? "home" : "home-\(number)"
            return try scene.start(
                "push", "me/demo", "--branch", "b\(number)", "--json", in: source.url,
                changing: ["XDG_CACHE_HOME": "\(scene.folder.path)/\(home)/cache"])
        }
        var results: [(number: Int, run: Finished)] = []
        for (index, run) in runs.enumerated() { results.append((index + 1, await run.end())) }
        try await check(results, scene, source)
    }

    /// All files of a commit have its number, so that mixed versions are visible.
    private static func files(_ number: Int) -> [String: String] {
        Scene.files.merging([
            "app.py": "print(\(number))\n", "a/b/number": "\(number)\n",
            ".hub.json": #"{"build":{"seconds":0.2},"start":{"seconds":0}}"#,
        ]) { $1 }
    }

    private func check(
        _ results: [(number: Int, run: Finished)], _ scene: Scene, _ source: Repository
    ) async throws {
        let space = Repository(
            url: scene.folder.url.appending(path: "hub/spaces/me/demo.git"),
            home: scene.folder.path + "/home")
        var claimed: Set<String> = []
        for (number, run) in results {
            let outcome = run.result("outcome") ?? ""
            #expect(["deployed", "superseded"].contains(outcome), "\(number): \(run)")
            #expect(run.status == 0, "\(number): \(run)")
            guard let commit = run.result("commit") else { continue }
            claimed.insert(commit)
            #expect(try await space.git("show", "\(commit):app.py") == "print(\(number))", "\(run)")
            #expect(try await space.git("show", "\(commit):a/b/number") == "\(number)")
            let trailer = try await space.git(
                "show", "-s", "--format=%(trailers:key=Source-Commit,valueonly)", commit)
            #expect(trailer == (try await source.git("rev-parse", "b\(number)")))
        }
        let made = try await space.git("log", "--format=%H", "main").split(separator: "\n").map(String.init)
        #expect(Set(made.dropLast()) == claimed, "the first is the Hub's own")
        #expect(
            results.contains { $0.run.result("commit") == made[0] && $0.run.result("outcome") == "deployed" })
    }
}

import Foundation
import TestSupport
import Testing

/// Many passes at high speed: memory, files and cache do not grow. `Tests/Benchmarks/passes.py`
/// runs more of them.
struct MirrorWeekTests {
    private struct Measure: CustomStringConvertible {
        var memory: Int
        var files: Int
        var cache: Int
        var description: String { "\(memory) KB of memory, \(files) open files, \(cache) bytes of cache" }
    }

    /// Three Spaces of local sources, and one of a source behind a URL, which the test can push to.
    private func fleet(_ scene: Scene) async throws -> (Fleet, Repository) {
        try await scene.makeSpace("source")
        let source = try await scene.clone("me/source", as: "source")
        try await source.publish(Scene.files.merging([".hub.json": #"{"build":{"seconds":0}}"#]) { $1 })
        var fleet = Fleet(scene)
        for name in ["a", "b", "c"] {
            fleet.add("me/\(name)", from: try await Fleet.source(scene, name, build: #"{"seconds":0}"#))
        }
        fleet.add("me/d", from: scene.hub.url + "/spaces/me/source", "branch = main")
        return (fleet, source)
    }

    private func size(of folder: String) -> Int {
        let files = FileManager.default.enumerator(atPath: folder)
        var size = 0
        while files?.nextObject() != nil { size += files?.fileAttributes?[.size] as? Int ?? 0 }
        return size
    }

    private func measure(_ run: LiveRun, _ scene: Scene) throws -> Measure {
        let status = try String(contentsOfFile: "/proc/\(run.id)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return Measure(
            memory: try #require(line.split(separator: " ").compactMap { Int($0) }.first),
            files: try FileManager.default.contentsOfDirectory(atPath: "/proc/\(run.id)/fd").count,
            cache: size(of: scene.folder.path + "/home/.cache"))
    }

    @Test(.timeLimit(.minutes(30)))
    func `many passes of one process do not grow memory, open files, cache or the Spaces`() async throws {
        let scene = try await Scene(), (fleet, source) = try await fleet(scene)
        let log = scene.folder.path + "/passes.log"
        let run = try LiveRun.start(
            Binary.path, try fleet.words("mirror", "--every", "5ms", "--log", log),
            environment: scene.environment, directory: scene.folder.url)
        func passes(_ count: Int) async throws {
            let isThere = await eventually(within: .seconds(900)) {
                let lines = FileManager.default.contents(atPath: log)?.count { $0 == 10 } ?? 0
                return lines >= 4 * count
            }
            try #require(isThere, "\(run.err)")
        }
        try await passes(40)
        let before = try measure(run, scene)
        try await source.publish(["app.py": "print(2)\n"])
        try await passes(80)
        try await source.publish(["app.py": "print(3)\n"])
        try await passes(140)
        let after = try measure(run, scene)
        run.send(SIGTERM)
        _ = await run.end()
        #expect(after.memory * 10 < before.memory * 11, "\(before), then \(after)")
        #expect(after.files < before.files + 16, "connections come and go: \(before), then \(after)")
        #expect(after.cache < before.cache + 32 << 10, "two commits: \(before), then \(after)")
        for (space, count) in [("me/a", 2), ("me/b", 2), ("me/c", 2), ("me/d", 4)] {
            #expect(try await scene.count(ofCommitsOn: space) == count, "\(space)")
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `many passes in separate processes leave nothing behind`() async throws {
        let scene = try await Scene(), (fleet, source) = try await fleet(scene)
        var sizes: [Int] = []
        for number in 1...24 {
            if number == 12 { try await source.publish(["app.py": "print(2)\n"]) }
            let pass = try await fleet.run("mirror")
            #expect(pass.status == 0, "\(pass)")
            #expect(pass.err.isEmpty == ![1, 12].contains(number), "\(number): \(pass)")
            sizes.append(size(of: scene.folder.path + "/home/.cache"))
        }
        // The saved state of passes has times, whose length varies by a few digits.
        for still in [sizes[2..<11], sizes[13...]] {
            #expect((still.max() ?? 0) - (still.min() ?? 0) < 64, "\(sizes)")
        }
        let left = try FileManager.default.subpathsOfDirectory(atPath: scene.folder.path + "/home/.cache")
        #expect(!left.contains { $0.contains("tmp") || $0.contains(".sb-") }, "\(left)")
        #expect(try await scene.count(ofCommitsOn: "me/d") == 3)
    }
}

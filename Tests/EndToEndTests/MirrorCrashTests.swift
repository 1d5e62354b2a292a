import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Mirror passes in which a target crashes its deploy process.
struct MirrorCrashTests {
    private func fleet(_ scene: Scene) async throws -> Fleet {
        var fleet = Fleet(scene)
        for name in ["a", "bad", "c"] {
            fleet.add("me/\(name)", from: try await Fleet.source(scene, name), "branch = webai2hf:main")
        }
        return fleet
    }

    /// Crashes the pass's process once a request of me/bad is held.
    private func crashPass(_ scene: Scene, of run: LiveRun) async throws {
        #expect(
            try await eventually {
                try await scene.hub.call("GET", "/_hub/held").text != #"{"held":0}"#
            }, "\(run.err)")
        let passes = ProcessTable.children(of: run.id)
        #expect(passes.count == 1)
        kill(try #require(passes.first), SIGSEGV)
    }

    /// Crashes the process that deploys only me/bad.
    private func crashTarget(below run: LiveRun) async throws {
        let processes = {
            ProcessTable.children(of: run.id).flatMap { ProcessTable.children(of: $0) }
                .filter { ProcessTable.commandLine(of: $0).contains("me/bad") }
        }
        #expect(await eventually { !processes().isEmpty || !run.isRunning })
        kill(try #require(processes().first, "\(run.err)"), SIGSEGV)
    }

    /// Starts mirror without Swift's crash handler, which returns from a signal sent by kill(2) and
    /// keeps the process alive.
    private func start(_ scene: Scene, _ fleet: Fleet) throws -> LiveRun {
        try LiveRun.start(
            Binary.path, try fleet.words("mirror", "--no-wait"),
            environment: scene.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 },
            directory: scene.folder.url)
    }

    private static let hold = #"{"path":"me/bad","delay_ms":600000,"times":-1}"#

    @Test(.timeLimit(.minutes(30)))
    func `a crash fails only its own target`() async throws {
        let scene = try await Scene(), fleet = try await fleet(scene)
        try await scene.hub.fault(Self.hold)
        let run = try start(scene, fleet)
        try await crashPass(scene, of: run)
        try await crashTarget(below: run)
        let ended = await run.end()
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        #expect(ended.status == 1, "\(ended)")
        #expect(ended.err.contains("me/bad: the process that deployed it crashed (SIGSEGV)"), "\(ended)")
        for space in ["me/a", "me/c"] { #expect(try await scene.count(ofCommitsOn: space) == 2, "\(space)") }
        let again = try await scene.spacesync(try fleet.words("mirror", "--no-wait"))
        #expect(again.status == 0, "\(again)")
        #expect(try await scene.count(ofCommitsOn: "me/bad") == 2)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a target that crashes once is deployed by the same pass`() async throws {
        let scene = try await Scene(), fleet = try await fleet(scene)
        try await scene.hub.fault(Self.hold)
        let run = try start(scene, fleet)
        try await crashPass(scene, of: run)
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        let ended = await run.end()
        #expect(ended.status == 0, "\(ended)")
        for space in ["me/a", "me/bad", "me/c"] {
            #expect(try await scene.count(ofCommitsOn: space) == 2, "\(space) \(ended)")
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a killed mirror ends its pass`() async throws {
        let scene = try await Scene(), fleet = try await fleet(scene)
        try await scene.hub.fault(Self.hold)
        let run = try start(scene, fleet)
        #expect(
            try await eventually {
                try await scene.hub.call("GET", "/_hub/held").text != #"{"held":0}"#
            })
        let children = ProcessTable.children(of: run.id)
        #expect(children.count == 1)
        run.send(SIGKILL)
        _ = await run.end()
        let areGone = await eventually {
            children.allSatisfy { !FileManager.default.fileExists(atPath: "/proc/\($0)/exe") }
        }
        #expect(areGone)
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
    }
}

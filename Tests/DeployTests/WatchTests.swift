import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

/// What a watch tells on its way, what it costs, and what it survives.
struct WatchTests {
    @Test func `stages and the lines of our build are told as they come`() async throws {
        let played = try await Scenario(
            "", .running,
            [
                (0, .running, before), (3, .runningBuilding, before), (40, .runningAppStarting, before),
                (50, .running, ours),
            ],
            build: [
                (0, queued(before)), (0, "old line"), (4, queued(ours)), (5, "--> FROM x"), (6, "DONE 1.4s"),
            ]
        ).play()
        // The old RUNNING is not told: its reader would take it for ours.
        #expect(played.stages == [.runningBuilding, .runningAppStarting, .running])
        #expect(played.lines == [queued(ours), "--> FROM x", "DONE 1.4s"])
        #expect(played.outcome.appURL == "https://me-app.hf.space")
        #expect(played.outcome.failure == nil)
    }

    @Test func `a log without a header is told once the build has begun`() async throws {
        let played = try await Scenario(
            "", .running, [(0, .noAppFile, nil), (5, .building, nil), (30, .running, ours)],
            previous: Runtime(stage: .noAppFile), build: [(4, "--> FROM x"), (8, "DONE")]
        ).play()
        #expect(played.lines == ["--> FROM x", "DONE"])
    }

    @Test func `a failed build shows its first error, its end and a hint`() async throws {
        let steps = (1...30).map { (at: 5, "line \($0)") }
        let played = try await Scenario(
            "", .buildError, [(0, .running, before), (2, .runningBuilding, before), (20, .buildError, nil)],
            message: "Job failed with exit code: 1. Reason: x",
            build: [(2, queued(ours))] + steps + [
                (6, "--> COPY gone /"), (7, "ERROR: failed to calculate checksum of \"/gone\": not found"),
                (8, "last"),
            ]
        ).play()
        let outcome = played.outcome
        #expect(outcome.firstError == "ERROR: failed to calculate checksum of \"/gone\": not found")
        #expect((outcome.tail.count, outcome.tail.last, outcome.log) == (20, "last", .build))
        #expect(outcome.errorMessage?.hasPrefix("Job failed") == true)
        #expect(outcome.hint?.contains("COPY") == true)
        #expect(outcome.failure?.kind == .failed)
    }

    @Test func `a failed app shows the end of the run log`() async throws {
        let played = try await Scenario(
            "", .runtimeError, [(0, .building, nil), (9, .runtimeError, nil)], previous: nil,
            message: "Launch timed out, workload was not healthy after 30 min",
            build: [(0, queued(ours))],
            run: [(0, "===== Application Startup"), (1, "listening on 127.0.0.1")]
        ).play()
        #expect(played.outcome.tail == ["===== Application Startup", "listening on 127.0.0.1"])
        #expect(played.outcome.log == .run)
        #expect(played.outcome.hint?.contains("0.0.0.0") == true)
    }

    @Test(arguments: [
        "Unexpected job error", "Scheduling failure: unable to schedule",
        "failed to push spaces-registry.huggingface.tech/spaces/x: unexpected status from HEAD request: 401 Unauthorized",
    ])
    func `a fault of the platform is to be tried later`(_ words: String) async throws {
        let played = try await Scenario(
            "", .buildError, [(0, .building, nil), (9, .buildError, nil)], previous: nil, message: words,
            build: [(0, queued(ours)), (3, "ERROR: \(words)")]
        ).play()
        #expect(played.outcome.isPlatformError)
        #expect(played.outcome.failure?.kind == .tryLater)
    }

    @Test func `ten minutes take a tenth of what a free account may ask for`() async throws {
        let played = try await Scenario(
            "", .timedOut,
            [(0, .running, before), (3, .runningBuilding, before), (200, .runningAppStarting, before)],
            build: [(3, queued(ours)), (90, "--> Pushing image")]
        ).play(limit: .seconds(600))
        #expect(played.outcome.kind == .timedOut)
        #expect(played.seconds == 600)
        #expect(played.builds.busiest <= 100, "\(played.builds.busiest) requests in five minutes")
        #expect(played.outcome.failure?.kind == .timedOut)
        #expect(played.outcome.hint?.contains("spacesync watch me/app") == true)
    }

    @Test func `polls that fail for the moment are survived`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [
            (0, .stage(.building, sha: nil, nil)),
            (5, .fault(DeployError(.tryLater, "huggingface.co answers 502"))),
            (60, .stage(.running, sha: ours, nil)),
        ]
        let played = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(600))
        #expect(played.outcome.kind == .running)
        #expect(played.warnings.count == 1)
    }

    @Test func `a fault that lasts is what is reported`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .fault(DeployError(.tryLater, "down")))]
        builds.sdk = "static"
        let failure = await #expect(throws: DeployError.self) {
            _ = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(120))
        }
        #expect(failure?.message == "down")
    }

    @Test func `a failure like the one before is told apart by the log when time is over`() async throws {
        let words = "Job failed with exit code: 1"
        let failed = Runtime(stage: .buildError, sha: nil, errorMessage: words)
        func play(_ build: [(at: Int, String)]) async throws -> WatchOutcome {
            try await Scenario(
                "", .buildError, [(0, .buildError, nil)], previous: failed, message: words, build: build
            ).play(limit: .seconds(1)).outcome
        }
        #expect(try await play([(0, queued(ours)), (0, "ERROR: false")]).kind == .buildError)
        let old = try await play([(0, queued(before)), (0, "ERROR: false")])
        #expect(old.kind == .timedOut)
        #expect(old.message.contains("still says BUILD_ERROR, as before"), "\(old.message)")
    }

    @Test func `a lost right ends the watch`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [
            (0, .stage(.building, sha: nil, nil)), (5, .fault(DeployError(.permissionDenied, "no"))),
        ]
        let failure = await #expect(throws: DeployError.self) {
            _ = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(120))
        }
        #expect(failure?.kind == .permissionDenied)
    }

    @Test func `without a log the watch goes on, and says so once`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .stage(.building, sha: nil, nil)), (60, .stage(.running, sha: ours, nil))]
        builds.logFault = DeployError(.permissionDenied, "logs need a token")
        let played = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(600))
        #expect(played.outcome.kind == .running)
        #expect(played.warnings == ["going on without the build log: logs need a token"])
    }

    @Test func `a log that stays open does not keep the watch`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        (builds.endsLogs, builds.logs) = (false, [.build: [(0, queued(ours))], .run: [(0, "Traceback")]])
        builds.reports = [
            (0, .stage(.building, sha: nil, nil)), (20, .stage(.runtimeError, sha: nil, "Exit code: 1")),
        ]
        let played = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(600))
        #expect(played.outcome.kind == .runtimeError)
        #expect(played.outcome.tail == ["Traceback"])
        #expect(played.seconds < 40)
    }

    @Test(arguments: [
        ("===== Build Queued at 2026-01-02 03:04:05 / Commit SHA: 1A2b3c4 =====", "1a2b3c4" as String?),
        ("===== Application Startup at 2026-01-02 03:04:05 =====", nil), ("Commit SHA: 1a2b3c4", nil),
        ("===== Build Queued at x / Commit SHA: =====", nil), ("", nil),
    ])
    func `the header of a build log names its commit`(_ line: String, _ named: String?) {
        #expect(BuildLogHeader.commit(in: line) == named)
    }
}

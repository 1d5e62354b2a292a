import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

/// Tests for the events of a watch, its number of requests, and its error handling.
struct WatchTests {
    @Test func `stages and log lines of our build are reported as they arrive`() async throws {
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
        // The old RUNNING is not reported, because it could be mistaken for that of the pushed
        // commit.
        #expect(played.stages == [.runningBuilding, .runningAppStarting, .running])
        #expect(played.lines == [queued(ours), "--> FROM x", "DONE 1.4s"])
        #expect(played.outcome.appURL == "https://me-app.hf.space")
        #expect(played.outcome.failure == nil)
    }

    @Test func `a log without a header is reported once the build has begun`() async throws {
        let played = try await Scenario(
            "", .running, [(0, .noAppFile, nil), (5, .building, nil), (30, .running, ours)],
            previous: Runtime(stage: .noAppFile), build: [(4, "--> FROM x"), (8, "DONE")]
        ).play()
        #expect(played.lines == ["--> FROM x", "DONE"])
    }

    @Test func `a failed build shows its first error, its last log lines and a hint`() async throws {
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
    func `a platform error can be retried later`(_ message: String) async throws {
        let played = try await Scenario(
            "", .buildError, [(0, .building, nil), (9, .buildError, nil)], previous: nil, message: message,
            build: [(0, queued(ours)), (3, "ERROR: \(message)")]
        ).play()
        #expect(played.outcome.isPlatformError)
        #expect(played.outcome.failure?.kind == .tryLater)
    }

    @Test func `a watch of ten minutes uses at most a tenth of a free account's rate limit`() async throws {
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

    @Test func `temporary poll errors do not end the watch`() async throws {
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

    @Test func `a persistent error is thrown`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .fault(DeployError(.tryLater, "down")))]
        builds.sdk = "static"
        let failure = await #expect(throws: DeployError.self) {
            _ = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(120))
        }
        #expect(failure?.message == "down")
    }

    @Test func `at the timeout the log distinguishes a new failure from an equal earlier one`() async throws {
        let message = "Job failed with exit code: 1"
        let failed = Runtime(stage: .buildError, sha: nil, errorMessage: message)
        func play(_ build: [(at: Int, String)]) async throws -> WatchOutcome {
            try await Scenario(
                "", .buildError, [(0, .buildError, nil)], previous: failed, message: message, build: build
            ).play(limit: .seconds(1)).outcome
        }
        #expect(try await play([(0, queued(ours)), (0, "ERROR: false")]).kind == .buildError)
        let old = try await play([(0, queued(before)), (0, "ERROR: false")])
        #expect(old.kind == .timedOut)
        #expect(old.message.contains("still reports BUILD_ERROR, as before"), "\(old.message)")
    }

    @Test func `a revoked permission ends the watch`() async throws {
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

    @Test func `without a log the watch continues with one warning`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .stage(.building, sha: nil, nil)), (60, .stage(.running, sha: ours, nil))]
        builds.logFault = DeployError(.permissionDenied, "logs need a token")
        let played = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(600))
        #expect(played.outcome.kind == .running)
        #expect(played.warnings == ["continuing without the build log: logs need a token"])
    }

    @Test func `an open log stream does not delay the end of the watch`() async throws {
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
    func `the commit is read from the header of a build log`(_ line: String, _ named: String?) {
        #expect(BuildLogHeader.commit(in: line) == named)
    }
}

import Synchronization
import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

/// Tests for the delay between a stage change on the Hub and its report, on a virtual clock, and
/// for the number of requests.
struct WatchPaceTests {
    /// Builds of different lengths in seconds, so that stage changes occur at any time between two
    /// polls.
    private static let courses = (0..<16).map { index in
        (begin: 2 + index % 5, built: 40 + index * 37, up: 40 + index * 37 + 3 + index * 5 % 41)
    }

    private struct Measured {
        var delays: [Duration] = []
        var busiest = 0
        var median: Duration { delays.sorted()[delays.count / 2] }
    }

    private func measure(_ prepare: @Sendable (ScriptedBuilds, (begin: Int, built: Int, up: Int)) -> Void)
        async throws -> Measured
    {
        var measured = Measured()
        for course in Self.courses {
            let clock = VirtualClock()
            let builds = ScriptedBuilds(clock)
            let changes: [(Int, Stage)] = [
                (course.begin, .runningBuilding), (course.built, .runningAppStarting), (course.up, .running),
            ]
            builds.reports = [(0, .stage(.running, sha: before, nil))]
            builds.reports += changes.map { at, stage in
                (at, .stage(stage, sha: stage == .running ? ours : before, nil))
            }
            builds.heads = [(0, ours)]
            prepare(builds, course)
            let space = try #require(SpaceID("me/app"))
            let times = Times(clock)
            _ = try await clock.passing {
                try await watch(
                    builds, for: ours, of: space, previous: Runtime(stage: .running, sha: before),
                    pushed: true, limit: .seconds(1200), clock: clock, emit: { times.record($0) })
            }
            for (at, stage) in changes {
                measured.delays.append(try #require(times.of(stage)) - .seconds(at))
            }
            measured.busiest = max(measured.busiest, builds.busiest)
        }
        return measured
    }

    @Test(.timeLimit(.minutes(30)))
    func `with logs the median delay of a stage change is below one second`() async throws {
        let measured = try await measure { builds, course in
            let steps = stride(from: course.begin + 5, to: course.built, by: 11).map { ($0, "--> RUN step") }
            builds.logs[.build] =
                [(course.begin, queued(ours))] + steps + [(course.built, "--> Exporting cache")]
            builds.logs[.run] = [
                (course.built, "===== Application Startup at 2026-09-29 10:00:00 ====="),
                (course.up, "INFO: Uvicorn running on http://0.0.0.0:7860"),
            ]
            builds.endsLogs = false
        }
        #expect(measured.median < .seconds(1), "\(measured.delays)")
        #expect(measured.busiest <= 100)
    }

    @Test(.timeLimit(.minutes(30)))
    func `without logs the median delay of a stage change is below two seconds`() async throws {
        let measured = try await measure { builds, _ in
            builds.logFault = DeployError(.refused, "no such route")
        }
        #expect(measured.median < .seconds(2), "\(measured.delays)")
        #expect(measured.busiest <= 100)
    }

    /// pytest prints `=====` lines, which resemble the header lines of the Hub's logs.
    @Test func `a log with many lines that resemble stage changes causes no extra requests`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .stage(.building, sha: nil, nil))]
        builds.logs[.build] = [(1, queued(ours))] + (2..<600).map { ($0, "===== test \($0) =====") }
        let played = try await Played.play(Scenario("", .timedOut, []), builds, clock, .seconds(600))
        #expect(played.builds.busiest <= 100, "\(played.builds.busiest)")
    }
}

/// The times at which the stages were first reported.
private final class Times: Sendable {
    private let clock: VirtualClock
    private let offsets = Mutex<[Stage: Duration]>([:])

    init(_ clock: VirtualClock) { self.clock = clock }

    func record(_ event: Event) {
        guard case .stage(let stage) = event else { return }
        let now = clock.now.offset
        offsets.withLock { $0[stage] = $0[stage] ?? now }
    }

    func of(_ stage: Stage) -> Duration? { offsets.withLock { $0[stage] } }
}

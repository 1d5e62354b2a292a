import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

private let sleepingRuntime = Runtime(stage: .sleeping, sha: nil)

/// Tests for the outcome of a watch, for all known sequences of stages on the Hub.
struct WatchEndTests {
    static let scenarios: [Scenario] = [
        Scenario(
            "an update builds, starts and runs", .running,
            [
                (0, .running, before), (3, .runningBuilding, before), (40, .runningAppStarting, before),
                (50, .running, ours),
            ], within: 50...62),
        Scenario(
            "a new Space builds, starts and runs", .running,
            [(0, .noAppFile, nil), (2, .building, nil), (30, .appStarting, nil), (45, .running, ours)],
            previous: Runtime(stage: .noAppFile), within: 45...56),
        Scenario(
            "the old RUNNING does not count, however long the Hub takes", .running,
            [(0, .running, before), (70, .runningBuilding, before), (100, .running, ours)]),
        Scenario("RUNNING at once with our commit", .running, [(0, .running, ours)], within: 0...3),
        Scenario(
            "a Hub without sha: RUNNING after a build", .running,
            [(0, .running, nil), (4, .runningBuilding, nil), (20, .running, nil)],
            previous: Runtime(stage: .running)),
        Scenario(
            "a Hub without sha: the old RUNNING alone is no success", .timedOut, [(0, .running, nil)],
            previous: Runtime(stage: .running), within: 90...110),
        Scenario(
            "a Hub without sha: the build log names us before RUNNING", .running, [(0, .running, nil)],
            previous: Runtime(stage: .running), build: [(5, queued(ours)), (6, "--> FROM scratch")],
            within: 5...20),
        Scenario(
            "the Hub never begins a build", .timedOut, [(0, .running, before)], within: 90...110),
        Scenario(
            "the build fails", .buildError,
            [(0, .running, before), (2, .runningBuilding, before), (30, .buildError, nil)],
            message: "Job failed with exit code: 1",
            build: [(2, queued(ours)), (9, "--> RUN make"), (29, "ERROR: no")],
            within: 30...42),
        Scenario(
            "the build fails so soon that it is never seen", .buildError,
            [(0, .running, before), (2, .buildError, nil)]),
        Scenario(
            "the old BUILD_ERROR ends nothing", .running,
            [(0, .buildError, nil), (20, .building, nil), (60, .running, ours)],
            previous: Runtime(stage: .buildError)),
        Scenario(
            "the old BUILD_ERROR, then a new one", .buildError,
            [(0, .buildError, nil), (20, .building, nil), (60, .buildError, nil)],
            previous: Runtime(stage: .buildError), within: 60...75),
        Scenario(
            "a new BUILD_ERROR that only its message shows", .buildError, [(0, .buildError, nil)],
            previous: Runtime(stage: .buildError, errorMessage: "old"), message: "new", within: 0...6),
        Scenario(
            "a new BUILD_ERROR that only its log shows", .buildError, [(0, .buildError, nil)],
            previous: Runtime(stage: .buildError, errorMessage: "same"), message: "same",
            build: [(4, queued(ours)), (5, "ERROR: again")], within: 4...20),
        Scenario(
            "an old BUILD_ERROR that stays is no build of ours", .timedOut, [(0, .buildError, nil)],
            previous: Runtime(stage: .buildError), within: 90...110),
        Scenario(
            "the old NO_APP_FILE ends nothing", .running,
            [(0, .noAppFile, nil), (60, .building, nil), (80, .running, ours)],
            previous: Runtime(stage: .noAppFile)),
        Scenario(
            "no app file after our push", .noAppFile,
            [(0, .running, before), (3, .runningBuilding, before), (5, .noAppFile, nil)]),
        Scenario(
            "the card is unusable", .configError, [(0, .running, before), (3, .configError, nil)],
            message: "Missing configuration in README"),
        Scenario(
            "the app exits", .runtimeError,
            [(0, .building, nil), (20, .appStarting, nil), (30, .runtimeError, nil)], previous: nil,
            message: "Exit code: 1", run: [(0, "===== Application Startup"), (25, "Traceback")]),
        Scenario(
            "the app never gets healthy", .runtimeError,
            [(0, .building, nil), (20, .appStarting, nil), (1000, .runtimeError, nil)], previous: nil,
            message: "Launch timed out, workload was not healthy after 30 min"),
        Scenario(
            "somebody pauses the Space while it builds", .paused,
            [(0, .running, before), (3, .runningBuilding, before), (9, .paused, nil)], within: 9...20),
        Scenario(
            "a paused Space stays paused", .paused, [(0, .paused, nil)], previous: Runtime(stage: .paused),
            within: 90...110),
        Scenario(
            "a paused Space is woken meanwhile", .running,
            [(0, .paused, nil), (30, .building, nil), (60, .running, ours)], previous: Runtime(stage: .paused)
        ),
        Scenario(
            "a sleeping Space stays asleep", .sleeping, [(0, .sleeping, nil)], previous: sleepingRuntime,
            within: 90...110),
        Scenario(
            "a visitor wakes the old app: that is not ours", .timedOut,
            [(0, .sleeping, nil), (5, .running, nil)],
            previous: sleepingRuntime, within: 90...110),
        Scenario("a stopped Space", .stopped, [(0, .stopped, nil)], previous: Runtime(stage: .stopped)),
        Scenario(
            "the Space is deleted", .deleting, [(0, .running, before), (4, .deleting, nil)], within: 4...12),
        Scenario(
            "another push takes our place: the head tells", .superseded(by: later.description),
            [(0, .running, before), (3, .runningBuilding, before), (50, .running, later)],
            heads: [(0, ours), (20, later)], within: 50...62),
        Scenario(
            "another push takes our place: the log tells", .superseded(by: later.description),
            [(0, .running, before), (3, .runningBuilding, before)], heads: [(0, ours), (20, later)],
            build: [(3, queued(ours)), (4, "--> RUN a"), (21, queued(later))], within: 21...26),
        Scenario(
            "another build was going on when we pushed: its RUNNING is not ours", .running,
            [
                (0, .building, nil), (20, .appStarting, nil), (30, .running, before),
                (40, .runningBuilding, before), (70, .running, ours),
            ], previous: Runtime(stage: .building)),
        Scenario(
            "another build was going on when we pushed: its error is not ours", .running,
            [(0, .building, nil), (20, .buildError, nil), (25, .building, nil), (50, .running, ours)],
            previous: Runtime(stage: .building)),
        Scenario(
            "a build of ours that lags: RUNNING still names the old image for a while", .running,
            [
                (0, .running, before), (3, .runningBuilding, before), (20, .running, before),
                (50, .running, ours),
            ]),
        Scenario(
            "an unknown stage is watched on", .running,
            [(0, .running, before), (3, Stage(rawValue: "WARMING_UP"), nil), (30, .running, ours)]),
        Scenario(
            "nothing pushed: an error at the head counts at once", .buildError, [(0, .buildError, nil)],
            previous: nil, pushed: false, within: 0...5),
        Scenario(
            "nothing pushed: RUNNING without sha counts at once", .running, [(0, .running, nil)],
            previous: nil, pushed: false, within: 0...2),
        Scenario(
            "nothing pushed: a build is watched", .running, [(0, .building, nil), (60, .running, ours)],
            previous: nil, pushed: false),
        Scenario(
            "nothing pushed: paused", .paused, [(0, .paused, nil)], previous: nil, pushed: false,
            within: 0...2),
        Scenario(
            "a static Space is done when its info shows our commit", .running, [(0, .running, nil)],
            previous: Runtime(stage: .running), heads: [(0, before), (6, ours)], sdk: "static", within: 6...15
        ),
        Scenario(
            "a static Space that is built", .running,
            [(0, .running, nil), (2, .building, nil), (30, .running, nil)],
            previous: Runtime(stage: .running),
            heads: [(0, before), (1, ours)], sdk: "static"),
        Scenario(
            "a static Space whose head is another", .superseded(by: later.description), [(0, .running, nil)],
            previous: Runtime(stage: .running), heads: [(0, later)], sdk: "static", within: 90...110),
    ]

    @Test(arguments: scenarios) func `a watch ends with the expected outcome`(_ scenario: Scenario)
        async throws
    {
        let played = try await scenario.play()
        #expect(played.outcome.kind == scenario.expected)
        #expect(scenario.within.contains(played.seconds), "took \(played.seconds) s")
        #expect(!played.outcome.message.isEmpty)
    }

    @Test func `a build that has not begun a minute after the push causes one warning`() async throws {
        let idle = Scenario("the Hub never begins a build", .timedOut, [(0, .running, before)])
        let warnings = try await idle.play().warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("--rebuild") == true)
    }

    @Test func `a build without log lines causes one warning`() async throws {
        let silent = Scenario(
            "a build without a line", .running,
            [(0, .running, before), (3, .runningBuilding, before), (300, .running, ours)])
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        (builds.reports, builds.heads, builds.endsLogs) = (silent.reports, silent.heads, false)
        let played = try await Played.play(silent, builds, clock, .seconds(1200))
        #expect(played.warnings.filter { $0.contains("has no output") }.count == 1)
    }

    @Test func `a build with log lines causes no warning`() async throws {
        let active = Scenario(
            "a build that takes long", .running,
            [(0, .running, before), (3, .runningBuilding, before), (300, .running, ours)],
            build: [(4, queued(ours)), (5, "--> RUN make"), (290, "DONE")])
        #expect(try await active.play().warnings.isEmpty)
    }

    @Test func `a timeout while the app starts is explained by its log`() async throws {
        let starting = Scenario(
            "another port", .timedOut, [(0, .building, nil), (20, .appStarting, nil)], previous: nil,
            run: [(25, "INFO: Uvicorn running on http://0.0.0.0:8000")])
        let outcome = try await starting.play(limit: .seconds(200)).outcome
        #expect(outcome.kind == .timedOut)
        #expect(outcome.hint?.contains("app_port: 8000") == true)
        #expect(outcome.failure?.kind == .timedOut)
    }
}

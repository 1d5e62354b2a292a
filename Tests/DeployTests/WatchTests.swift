import Synchronization
import TestSupport
import Testing

@testable import Deploy

private let ours = id("a"), before = id("b"), later = id("c")

private func id(_ digit: Character) -> ObjectID {
    ObjectID(String(repeating: digit, count: 40)) ?? .zero
}

/// One course of things at the Hub, and what the watch makes of it.
struct Scenario: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var previous: Runtime? = Runtime(stage: .running, sha: before)
    var pushed = true
    var reports: [(at: Int, ScriptedBuilds.Report)]
    var heads: [(at: Int, ObjectID?)] = [(0, ours)]
    var sdk = "docker"
    var build: [(at: Int, String)] = []
    var run: [(at: Int, String)] = []
    var expected: WatchOutcome.Kind
    /// Seconds within which it has to be over.
    var within: ClosedRange<Int> = 0...1200

    init(
        _ name: String, _ expected: WatchOutcome.Kind,
        _ reports: [(Int, Stage, ObjectID?)], previous: Runtime? = Runtime(stage: .running, sha: before),
        pushed: Bool = true, message: String? = nil, heads: [(at: Int, ObjectID?)] = [(0, ours)],
        sdk: String = "docker", build: [(at: Int, String)] = [], run: [(at: Int, String)] = [],
        within: ClosedRange<Int> = 0...1200
    ) {
        (testDescription, self.expected, self.previous, self.pushed) = (name, expected, previous, pushed)
        self.reports = reports.map { at, stage, sha in
            (at, .stage(stage, sha: sha, stage.isInProgress ? nil : message))
        }
        (self.heads, self.sdk, self.build, self.run, self.within) = (heads, sdk, build, run, within)
    }

    func play(limit: Duration = .seconds(1200)) async throws -> Played {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        (builds.reports, builds.heads, builds.sdk) = (reports, heads, sdk)
        builds.logs = [.build: build, .run: run]
        return try await Played.play(self, builds, clock, limit)
    }
}

/// What came of a scenario.
struct Played: Sendable {
    var outcome: WatchOutcome
    var seconds: Int
    var builds: ScriptedBuilds
    var said: [Event]

    static func play(_ scenario: Scenario, _ builds: ScriptedBuilds, _ clock: VirtualClock, _ limit: Duration)
        async throws -> Played
    {
        let heard = Ears()
        let space = try #require(SpaceID("me/app"))
        let outcome = try await clock.passing {
            try await watch(
                builds, for: ours, of: space, previous: scenario.previous, pushed: scenario.pushed,
                limit: limit,
                clock: clock, say: { heard.hear($0) })
        }
        return Played(
            outcome: outcome, seconds: Int(clock.now.offset.components.seconds), builds: builds,
            said: heard.events)
    }

    var stages: [Stage] { said.compactMap { if case .stage(let stage) = $0 { stage } else { nil } } }
    var lines: [String] { said.compactMap { if case .log(.build, let line) = $0 { line.text } else { nil } } }
    var warnings: [String] { said.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
}

final class Ears: Sendable {
    private let heard = Mutex<[Event]>([])
    var events: [Event] { heard.withLock { $0 } }
    func hear(_ event: Event) { heard.withLock { $0.append(event) } }
}

private func queued(_ commit: ObjectID) -> String {
    "===== Build Queued at 2026-09-29 10:00:00 / Commit SHA: \(commit.short) ====="
}

private let resting = Runtime(stage: .sleeping, sha: nil)

@Suite struct WatchTests {
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
            "a sleeping Space stays asleep", .sleeping, [(0, .sleeping, nil)], previous: resting,
            within: 90...110),
        Scenario(
            "a visitor wakes the old app: that is not ours", .timedOut,
            [(0, .sleeping, nil), (5, .running, nil)],
            previous: resting, within: 90...110),
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

    @Test(arguments: scenarios) func `a watch ends as it should`(_ scenario: Scenario) async throws {
        let played = try await scenario.play()
        #expect(played.outcome.kind == scenario.expected)
        #expect(scenario.within.contains(played.seconds), "took \(played.seconds) s")
        #expect(!played.outcome.message.isEmpty)
    }

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
        #expect(played.outcome.isPlatformFault)
        #expect(played.outcome.failure?.kind == .tryLater)
    }

    @Test func `ten minutes take less than a hundred requests`() async throws {
        let played = try await Scenario(
            "", .timedOut,
            [(0, .running, before), (3, .runningBuilding, before), (200, .runningAppStarting, before)],
            build: [(3, queued(ours)), (90, "--> Pushing image")]
        ).play(limit: .seconds(600))
        #expect(played.outcome.kind == .timedOut)
        #expect(played.seconds == 600)
        #expect(played.builds.requests < 100, "\(played.builds.requests) requests")
        #expect(played.outcome.failure?.kind == .timedOut)
        #expect(played.outcome.hint?.contains("spacesync watch me/app") == true)
    }

    @Test func `polls that fail for the moment are survived`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [
            (0, .stage(.building, sha: nil, nil)),
            (5, .fault(Failure(.tryLater, "huggingface.co answers 502"))),
            (60, .stage(.running, sha: ours, nil)),
        ]
        let played = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(600))
        #expect(played.outcome.kind == .running)
        #expect(played.warnings.count == 1)
    }

    @Test func `a fault that lasts is what is reported`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .fault(Failure(.tryLater, "down")))]
        builds.sdk = "static"
        let failure = await #expect(throws: Failure.self) {
            _ = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(120))
        }
        #expect(failure?.message == "down")
    }

    @Test func `a lost right ends the watch`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .stage(.building, sha: nil, nil)), (5, .fault(Failure(.notAllowed, "no")))]
        let failure = await #expect(throws: Failure.self) {
            _ = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(120))
        }
        #expect(failure?.kind == .notAllowed)
    }

    @Test func `without a log the watch goes on, and says so once`() async throws {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = [(0, .stage(.building, sha: nil, nil)), (60, .stage(.running, sha: ours, nil))]
        builds.logFault = Failure(.notAllowed, "logs need a token")
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
        #expect(BuildHeader.commit(in: line) == named)
    }
}

import Synchronization
import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

let ours = commit("a"), before = commit("b"), later = commit("c")

private func commit(_ digit: Character) -> ObjectID {
    ObjectID(String(repeating: digit, count: 40)) ?? .zero
}

/// A sequence of stages and log lines on the Hub, with the expected outcome of the watch.
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
    /// The range of time in which the watch must end, in seconds.
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

/// The result of playing a scenario.
struct Played: Sendable {
    var outcome: WatchOutcome
    var seconds: Int
    var builds: ScriptedBuilds
    var said: [Event]

    static func play(_ scenario: Scenario, _ builds: ScriptedBuilds, _ clock: VirtualClock, _ limit: Duration)
        async throws -> Played
    {
        let recorder = Ears()
        let space = try #require(SpaceID("me/app"))
        let outcome = try await clock.passing {
            try await watch(
                builds, for: ours, of: space, previous: scenario.previous, pushed: scenario.pushed,
                limit: limit,
                clock: clock, emit: { recorder.hear($0) })
        }
        return Played(
            outcome: outcome, seconds: Int(clock.now.offset.components.seconds), builds: builds,
            said: recorder.events)
    }

    var stages: [Stage] { said.compactMap { if case .stage(let stage) = $0 { stage } else { nil } } }
    var lines: [String] { said.compactMap { if case .log(.build, let line) = $0 { line.text } else { nil } } }
    var warnings: [String] { said.compactMap { if case .warning(let text, _) = $0 { text } else { nil } } }
}

/// A thread-safe recorder of events.
final class Ears: Sendable {
    private let recorded = Mutex<[Event]>([])
    var events: [Event] { recorded.withLock { $0 } }
    func hear(_ event: Event) { recorded.withLock { $0.append(event) } }
}

/// Returns the first line of a build log.
func queued(_ commit: ObjectID) -> String {
    "===== Build Queued at 2026-09-29 10:00:00 / Commit SHA: \(commit.short) ====="
}

import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

private let header = queued(ours)

/// Tests for the order of stages and log lines, which arrive on two connections and are reported in
/// one sequence.
@Suite struct WatchOrderTests {
    private func reportedLines(
        _ stages: [(Int, Stage)], _ log: [(at: Int, String)], ends: Bool = true, cut: Int? = nil
    ) async throws -> [String] {
        let clock = VirtualClock()
        let builds = ScriptedBuilds(clock)
        builds.reports = stages.map { (at: $0.0, .stage($0.1, sha: $0.1 == .running ? ours : nil, nil)) }
        if stages.first?.0 != 0 { builds.reports.insert((0, .stage(.running, sha: .zero, nil)), at: 0) }
        (builds.heads, builds.logs, builds.endsLogs, builds.cut) = ([(0, ours)], [.build: log], ends, cut)
        let played = try await Played.play(Scenario("", .running, []), builds, clock, .seconds(600))
        return played.said.compactMap { event in
            switch event {
            case .stage(let stage): stage.rawValue
            case .log(_, let line): line.text
            default: nil
            }
        }
    }

    @Test(arguments: [true, false])
    func `a build that ends before its stage is polled still shows its complete log`(ends: Bool) async throws
    {
        let log = [(0, header), (1, "--> FROM x"), (1, "--> Pushing image")].map { (at: $0.0, $0.1) }
        let lines = try await reportedLines([(0, .running)], log, ends: ends)
        #expect(lines == [header, "--> FROM x", "--> Pushing image", "RUNNING"])
    }

    @Test func `the build stage is reported before its log, even if the log arrives first`() async throws {
        let log = [(0, header), (0, "--> FROM x"), (4, "--> COPY y")].map { (at: $0.0, $0.1) }
        let lines = try await reportedLines([(3, .building), (9, .running)], log)
        #expect(lines == ["BUILDING", header, "--> FROM x", "--> COPY y", "RUNNING"])
    }

    @Test func `late log lines are reported before the stage that follows the build`() async throws {
        let log = [(0, header), (4, "--> FROM x"), (6, "--> COPY y"), (7, "--> Pushing image")]
        let lines = try await reportedLines(
            [(0, .building), (6, .appStarting), (9, .running)], log.map { (at: $0.0, $0.1) }, ends: false)
        #expect(lines == ["BUILDING", header] + log.dropFirst().map(\.1) + ["APP_STARTING", "RUNNING"])
    }

    @Test func `an interrupted stream resumes without repeated or lost lines`() async throws {
        let log = [(1, header), (2, "--> FROM x"), (9, "--> COPY y"), (12, "--> RUN z")]
        let lines = try await reportedLines(
            [(0, .building), (20, .running)], log.map { (at: $0.0, $0.1) }, cut: 5)
        #expect(lines == ["BUILDING", header, "--> FROM x", "--> COPY y", "--> RUN z", "RUNNING"])
    }
}

import Deploy
import SpacesModel
import Synchronization

/// Prints results on standard output besides the URL: plans, findings and drift.
final class TextResults: Sendable {
    private let out: Terminal
    private let style: Style
    /// Whether the log on the same terminal names each Space.
    private let isNamed: Bool
    private let live: ProgressLine?
    private let state = Mutex(State())

    private struct State {
        var hasMultipleSpaces = false
        /// The Space whose lines were printed last.
        var shown: SpaceID?
    }

    /// - Parameter isNamed: whether both streams are one terminal, so that the log has just named
    /// the Space.
    init(out: Terminal, style: Style, live: ProgressLine?, isNamed: Bool) {
        (self.out, self.live, self.isNamed) = (out, live, isNamed)
        self.style = Style(isOn: style.isOn && out.isTerminal)
    }

    func beginRun(_ run: RunDescription) { state.withLock { $0.hasMultipleSpaces = run.hasMultipleSpaces } }

    func print(_ plan: Plan, of space: SpaceID) {
        let table = PlanTable(plan, style: style)
        print(table.lines(limit: .max) + table.diffLines, of: space)
    }

    /// Prints a finding in the format of compilers, so that editors find the location.
    func print(_ finding: Finding, of space: SpaceID) {
        let severity = finding.severity == .warning ? style.yellow("warning: ") : ""
        let message = "\(finding.location.visible): \(severity)\(finding.reason.visible)"
        print([message, "    \(finding.fix.visible)"], of: space)
    }

    func print(_ entry: DriftedFile, of space: SpaceID) {
        print(DriftTable(entry, style: style).lines, of: space)
    }

    /// Prints only the path.
    func print(_ path: Path, of space: SpaceID) {
        print([path.shown.visible], of: space)
    }

    /// Prints lines under the name of their Space if there are several Spaces and the log has not
    /// just named it.
    private func print(_ lines: [String], of space: SpaceID) {
        live?.pause()
        let isNew = state.withLock { state in
            defer { state.shown = space }
            return state.hasMultipleSpaces && state.shown != space && !isNamed
        }
        let heading = isNew ? ["=====> \(space)"] : []
        (heading + lines).forEach { out.write($0 + "\n") }
    }
}

/// The last line of a run: the outcomes of all targets, because errors may have scrolled out of
/// view.
struct RunSummary {
    private var ended: [String: Int] = [:]
    private var failed: [String] = []
    /// The maximum number of names in the line.
    private static let maxNames = 10

    mutating func add(_ report: DeployResult) {
        if report.isDeferred {
            ended["deferred", default: 0] += 1
        } else if let failure = report.failure {
            failed.append("\(report.space) (\(failure.kind.exitCode))")
        } else {
            ended[report.outcome.rawValue, default: 0] += 1
        }
    }

    /// The summary; `nil` if no target failed.
    var line: String? {
        guard !failed.isEmpty else { return nil }
        let succeeded = ended.sorted { $0.key < $1.key }.map { "\($1) \($0)" }
        let more = failed.count > Self.maxNames ? " and \(failed.count - Self.maxNames) more" : ""
        let names = failed.sorted().prefix(Self.maxNames).joined(separator: ", ") + more
        return (succeeded + ["\(failed.count) failed, with exit code: \(names)"]).joined(separator: "; ")
    }
}

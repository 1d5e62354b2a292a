import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Prints results on standard output: plans, findings and drift, and the URLs of apps at the end.
final class TextResults: Sendable {
    private let out: Terminal
    private let style: Style
    /// Whether the log on the same terminal names each Space.
    private let isNamed: Bool
    private let state = Mutex(State())

    private struct State {
        var hasMultipleSpaces = false
        /// The Spaces in the order in which their URLs are printed.
        var order: [SpaceID] = []
        var urls: [SpaceID: String] = [:]
        /// The Space whose lines were printed last.
        var shown: SpaceID?
    }

    /// - Parameter isNamed: whether both streams are one terminal, so that the log has just named
    /// the Space.
    init(out: Terminal, style: Style, isNamed: Bool) {
        (self.out, self.isNamed) = (out, isNamed)
        self.style = Style(isOn: style.isOn && out.isTerminal)
    }

    func begin(_ run: RunDescription) {
        state.withLock { state in
            state.hasMultipleSpaces = run.hasMultipleSpaces
            state.order += run.spaces.filter { !state.order.contains($0) }
        }
    }

    /// Adds the URL of an app, if the deploy left it running or unchanged.
    func add(_ deploy: DeployResult) {
        guard let url = deploy.shownURL else { return }
        state.withLock { $0.urls[deploy.space] = url }
    }

    func printURLs() {
        let (order, urls) = state.withLock { ($0.order, $0.urls) }
        let additional = urls.keys.filter { !order.contains($0) }
        for url in (order + additional).compactMap({ urls[$0] }) { out.write(url + "\n") }
    }

    func print(_ plan: Plan, of space: SpaceID) {
        let table = PlanTable(plan, style: style)
        print(table.lines(limit: .max) + table.diffLines, of: space)
    }

    func print(_ finding: Finding, of space: SpaceID) {
        print(FindingText(finding, style: style).lines, of: space)
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
        let isNew = state.withLock { state in
            defer { state.shown = space }
            return state.hasMultipleSpaces && state.shown != space && !isNamed
        }
        let heading = isNew ? ["=====> \(space)"] : []
        (heading + lines).forEach { out.write($0 + "\n") }
    }
}

/// A finding in the format of compilers, so that editors find the location; the fix is on its own line.
struct FindingText {
    let lines: [String]

    init(_ finding: Finding, style: Style) {
        let severity = finding.severity == .warning ? style.yellow("warning: ") : ""
        lines = [
            "\(finding.location.visible): \(severity)\(finding.reason.visible)", "    \(finding.fix.visible)",
        ]
    }
}

extension DeployResult {
    /// The URL of the app, if the deploy left it running or unchanged.
    var shownURL: String? {
        let outcomes: [DeployResult.Outcome] = [.deployed, .unchanged, .heldBack, .pushed, .rolledBack]
        return outcomes.contains(outcome) ? appURL : nil
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

    /// The number of targets that an interruption ended before their first output.
    var unbegunCount = 0

    /// A sentence about the targets that an interruption ended before their first output; `nil` if there
    /// are none.
    var interruption: String? {
        guard unbegunCount > 0 else { return nil }
        let spaces = unbegunCount == 1 ? "1 more Space was" : "\(unbegunCount) more Spaces were"
        return "interrupted: \(spaces) not started"
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

extension TargetResult {
    /// The last lines of a successful deploy: the outcome, the commit, the duration and the traffic;
    /// then what to do next.
    func lines(_ style: Style) -> [String] {
        let elapsed = Duration.milliseconds(Int64(statistics.seconds * 1000)).text(.elapsed)
        let outcome =
            switch (deploy.isObservation, deploy.outcome) {
            case (true, .deployed): "running"
            case (true, .unchanged): "passed all probes"
            default: deploy.outcome.displayName
            }
        let commit = deploy.commit.map { " at \($0.short)" } ?? ""
        let line =
            style.bold("-----> ") + style.green("\(space) \(outcome)")
            + "\(commit) (\(elapsed); \(trafficText))"
        let isSentence = [.heldBack, .superseded].contains(deploy.outcome)
        let hints = (deploy.hint ?? "").split(separator: "\n").enumerated().map { index, hint in
            "       " + (isSentence ? "" : index == 0 ? "next: " : "      ") + String(hint).visible
        }
        let page = spaceURL.map { ["       page: \($0) (private: sign in first)"] } ?? []
        return [line] + hints + (deploy.shownURL != nil && deploy.isPrivate == true ? page : [])
    }

    /// The number of requests and bytes: `18 requests, 1.4 KiB up, 6.2 KiB down`.
    var trafficText: String {
        let requests = counted(statistics.requests, "request")
        return "\(requests), \(statistics.bytesSent.asSize) up, \(statistics.bytesReceived.asSize) down"
    }
}

/// An error as lines of text: message, details and hint.
struct ErrorText {
    private let error: DeployError
    private let style: Style

    init(_ error: DeployError, style: Style) { (self.error, self.style) = (error, style) }

    /// - Parameter space: the target with this error; `nil` if it belongs to none.
    func lines(of space: SpaceID?, isQuiet: Bool) -> [String] {
        if error.cause == .declined { return [message(of: space).visible] }
        // Unless the run is quiet, the log has been printed already.
        let details = error.details + (isQuiet ? error.log : [])
        let hints = (error.hint ?? "").split(separator: "\n").enumerated().map { index, hint in
            (index == 0 ? style.bold("hint: ") : "      ") + String(hint).visible
        }
        return [style.red("error: ") + message(of: isQuiet ? space : nil).visible]
            + details.map { "       " + $0.visible } + hints
    }

    /// The error on a terminal: wrapped at words, with hanging indents.
    var screenLines: [ScreenLine] {
        if error.cause == .declined { return [.note(error.message.visible, indent: 0)] }
        let hints = (error.hint ?? "").split(separator: "\n").enumerated().map { index, hint in
            let text = String(hint).visible
            return index == 0 ? ScreenLine.note(text, .hint, indent: 0) : .note(text, indent: 6, hanging: 2)
        }
        return [.note(error.message.visible, .error, indent: 0)]
            + error.details.map { .note($0.visible, indent: 7, hanging: 2) } + hints
    }

    /// Returns the message with its Space, which no heading names in a quiet run.
    private func message(of space: SpaceID?) -> String {
        guard let space, !error.message.contains(space.description) else { return error.message }
        return "\(space): \(error.message)"
    }
}

extension DeployResult.Outcome {
    /// The outcome as text.
    var displayName: String { rawValue.replacing("_", with: " ") }
}

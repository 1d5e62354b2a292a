import Deploy
import SpacesModel
import Synchronization

/// What standard output holds of a target beside its URL: a plan, findings, drift.
final class TextResults: Sendable {
    private let out: Terminal
    private let style: Style
    /// The story names each Space on the same terminal.
    private let isNamed: Bool
    private let live: ProgressLine?
    private let state = Mutex(State())

    private struct State {
        var hasMultipleSpaces = false
        /// Whose lines were the last.
        var shown: SpaceID?
    }

    /// - Parameter isNamed: where both streams are one terminal, the story has just named the Space.
    init(out: Terminal, style: Style, live: ProgressLine?, isNamed: Bool) {
        (self.out, self.live, self.isNamed) = (out, live, isNamed)
        self.style = Style(isOn: style.isOn && out.isTerminal)
    }

    func beginRun(_ run: RunDescription) { state.withLock { $0.hasMultipleSpaces = run.hasMultipleSpaces } }

    func print(_ plan: Plan, of space: SpaceID) {
        let table = PlanTable(plan, style: style)
        print(table.lines(limit: .max) + table.diffLines, of: space)
    }

    /// As compilers write it, so that editors find the place.
    func print(_ finding: Finding, of space: SpaceID) {
        let severity = finding.severity == .warning ? style.yellow("warning: ") : ""
        let place = "\(finding.location.visible): \(severity)\(finding.reason.visible)"
        print([place, "    \(finding.fix.visible)"], of: space)
    }

    func print(_ entry: DriftedFile, of space: SpaceID) {
        print(DriftTable(entry, style: style).lines, of: space)
    }

    /// The path alone.
    func print(_ path: Path, of space: SpaceID) {
        print([path.shown.visible], of: space)
    }

    /// Of several Spaces, each one's lines stand below its name, unless the story has just said it.
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

import Deploy
import SpacesModel
import Synchronization

/// What standard output holds of a target beside its URL: a plan, findings, drift.
final class TextResults: Sendable {
    private let out: Terminal
    private let style: Style
    /// The story names each Space on the same terminal.
    private let isNamed: Bool
    private let live: LiveLine?
    private let state = Mutex(State())

    private struct State {
        var isOfSeveral = false
        /// Whose lines were the last.
        var shown: SpaceID?
    }

    /// - Parameter isNamed: where both streams are one terminal, the story has just named the Space.
    init(out: Terminal, style: Style, live: LiveLine?, isNamed: Bool) {
        (self.out, self.live, self.isNamed) = (out, live, isNamed)
        self.style = Style(isOn: style.isOn && out.isTerminal)
    }

    func expect(_ run: Prospect) { state.withLock { $0.isOfSeveral = run.isOfSeveral } }

    func give(_ plan: Plan, of space: SpaceID) {
        let table = PlanTable(plan, style: style)
        give(table.lines(limit: .max) + table.texts, of: space)
    }

    /// As compilers write it, so that editors find the place.
    func give(_ finding: Finding, of space: SpaceID) {
        let severity = finding.severity == .warning ? style.yellow("warning: ") : ""
        let place = "\(finding.place.visible): \(severity)\(finding.reason.visible)"
        give([place, "    \(finding.mend.visible)"], of: space)
    }

    func give(_ entry: DriftEntry, of space: SpaceID) {
        give(DriftTable(entry, style: style).lines, of: space)
    }

    /// The path alone.
    func give(_ path: Path, of space: SpaceID) {
        give([path.shown.visible], of: space)
    }

    /// Of several Spaces, each one's lines stand below its name, unless the story has just said it.
    private func give(_ lines: [String], of space: SpaceID) {
        live?.pause()
        let isNew = state.withLock { state in
            defer { state.shown = space }
            return state.isOfSeveral && state.shown != space && !isNamed
        }
        let heading = isNew ? ["=====> \(space)"] : []
        (heading + lines).forEach { out.write($0 + "\n") }
    }
}

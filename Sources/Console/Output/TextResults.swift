import Deploy
import Synchronization

/// What standard output holds of a target beside its URL: a plan, findings, drift.
final class TextResults: Sendable {
    private let out: Terminal
    private let style: Style
    /// The story names each Space on the same terminal.
    private let isNamed: Bool
    /// Whose lines were the last.
    private let shown = Mutex<SpaceID?>(nil)

    /// - Parameter isNamed: where both streams are one terminal, the story has just named the Space.
    init(out: Terminal, style: Style, isNamed: Bool) {
        (self.out, self.isNamed) = (out, isNamed)
        self.style = Style(isOn: style.isOn && out.isTerminal)
    }

    func give(_ plan: Plan, of space: SpaceID, amongOthers: Bool) {
        let table = PlanTable(plan, style: style)
        give(table.lines(limit: .max) + table.texts, of: space, amongOthers)
    }

    /// As compilers write it, so that editors find the place.
    func give(_ finding: Finding, of space: SpaceID, amongOthers: Bool) {
        let severity = finding.severity == .warning ? style.yellow("warning: ") : ""
        let place = "\(finding.place.visible): \(severity)\(finding.reason.visible)"
        give([place, "    \(finding.mend.visible)"], of: space, amongOthers)
    }

    func give(_ entry: DriftEntry, of space: SpaceID, amongOthers: Bool) {
        give(DriftTable(entry, style: style).lines, of: space, amongOthers)
    }

    /// The path alone.
    func give(_ path: Path, of space: SpaceID, amongOthers: Bool) {
        give([path.shown.visible], of: space, amongOthers)
    }

    /// Of several Spaces, each one's lines stand below its name, unless the story has just said it.
    private func give(_ lines: [String], of space: SpaceID, _ amongOthers: Bool) {
        let isNew = shown.withLock { shown in
            defer { shown = space }
            return amongOthers && shown != space && !isNamed
        }
        let heading = isNew ? ["=====> \(space)"] : []
        (heading + lines).forEach { out.write($0 + "\n") }
    }
}

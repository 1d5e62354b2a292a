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

/// A file that was changed on the Space, as lines of text.
package struct DriftTable: Sendable {
    private let entry: DriftedFile
    private let style: Style

    package init(_ entry: DriftedFile, style: Style) { (self.entry, self.style) = (entry, style) }

    package var lines: [String] {
        let notes = [summary].compactMap { $0 } + entry.notes
        let tail = notes.isEmpty ? "" : "  " + style.dim(notes.joined(separator: "; ").visible)
        return ["\(sign) \(entry.path.shown.visible)\(tail)"]
    }

    /// Notes besides the path; `nil` if there are none.
    private var summary: String? {
        var notes: [String] = []
        if !entry.keys.isEmpty {
            let text = entry.isTextChanged ? ", and the text below it" : ""
            notes.append("card: \(entry.keys.joined(separator: ", "))\(text)")
        }
        if entry.isMerged { notes.append("kept by drift = merge") }
        if let sourcePath = entry.sourcePath, sourcePath != entry.path {
            notes.append("\(sourcePath.shown) in the source")
        }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    private var sign: String {
        switch entry.kind {
        case .added: style.green("+")
        case .removed: style.red("-")
        case .updated, .kept: style.yellow("~")
        }
    }
}

import Deploy
import SpacesModel

/// A text table: columns as wide as their longest cell, separated by two spaces.
package struct Table {
    package let rows: [[String]]
    /// The indices of right-aligned columns, for numbers.
    package var rightAligned: Set<Int> = []
    /// Colours a cell; colours do not count for the column's width.
    package typealias Paint = (_ row: Int, _ column: Int, _ cell: String) -> String

    private let paint: Paint

    package init(rows: [[String]], rightAligned: Set<Int> = [], paint: @escaping Paint = { $2 }) {
        (self.rows, self.rightAligned, self.paint) = (rows, rightAligned, paint)
    }

    /// The lines without trailing spaces. Cells must be free of control characters already
    /// (`visible`).
    package var lines: [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
        }
        return rows.enumerated().map { index, row in
            let columns = row.indices.filter { widths[$0] > 0 }
            let last = columns.last { !row[$0].isEmpty }
            let cells = columns.prefix { $0 <= last ?? -1 }.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                let isRight = rightAligned.contains(column)
                let cell = paint(index, column, row[column])
                return isRight ? gap + cell : column == last ? cell : cell + gap
            }
            return cells.joined(separator: "  ")
        }
    }
}

/// A plan as lines of text: sign, path and reason.
struct PlanTable: Sendable {
    private let plan: Plan
    private let style: Style
    /// The command that shows the complete plan.
    var fullPlanCommand = "spacesync plan"

    init(_ plan: Plan, style: Style) { (self.plan, self.style) = (plan, style) }

    func lines(limit: Int) -> [String] {
        let settings = plan.configurationChanges.map(line)
        guard !plan.changes.isEmpty || !plan.commits.isEmpty else {
            if let held = plan.heldBack { return ["\(held.short) is held back: nothing is pushed"] }
            return settings + (plan.isDone ? ["nothing to change"] : ["no file to change"])
        }
        let shown = plan.changes.prefix(limit)
        let width = min(shown.map { $0.path.shown.visible.count }.max() ?? 0, 48)
        let omitted = plan.changes.count - shown.count
        let more = omitted > 0 ? ["… and \(omitted) more (all of them: \(fullPlanCommand))"] : []
        return settings + commits(limit) + shown.map { line($0, width) } + more + [summary]
    }

    /// The newest commits first, like `git log`.
    private func commits(_ limit: Int) -> [String] {
        let shown = plan.commits.reversed().prefix(limit).map { commit in
            "\(style.yellow("*")) \(commit.id.short)  \(style.dim(commit.shownSubject.visible))"
        }
        let omitted = plan.commits.count - shown.count
        return shown + (omitted > 0 ? ["… and \(omitted) more commits"] : [])
    }

    private func line(_ change: Change, _ width: Int) -> String {
        let path = change.path.shown.visible
        let blanks = String(repeating: " ", count: max(0, width - path.count))
        return "\(sign(change.kind)) \(path)\(blanks)  \(style.dim(change.why.visible))"
    }

    private func line(_ change: ConfigurationChange) -> String {
        let costWarning = change.costWarning.map { "  " + style.yellow($0.visible) } ?? ""
        return "\(sign(change.kind)) \(change.subject)  \(style.dim(change.why.visible))\(costWarning)"
    }

    /// The diffs of the changes, line by line, if the plan has them.
    var diffLines: [String] {
        plan.changes.compactMap(\.diff).flatMap { diff in
            [""] + diff.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map(shown)
        }
    }

    private func shown(_ line: ArraySlice<UInt8>) -> String {
        // A changed line ending (CR LF) would be invisible otherwise.
        let text = String(decoding: line, as: UTF8.self).visible + (line.last == 0x0D ? "^M" : "")
        return switch line.first {
        case UInt8(ascii: "+"): style.green(text)
        case UInt8(ascii: "-"): style.red(text)
        case UInt8(ascii: " "): text
        default: style.dim(text)
        }
    }

    private func sign(_ kind: Change.Kind) -> String {
        switch kind {
        case .added: style.green("+")
        case .updated: style.yellow("~")
        case .removed: style.red("-")
        case .kept: "="
        }
    }

    private var summary: String {
        let kinds: [Change.Kind] = [.added, .updated, .removed, .kept]
        let counts = kinds.filter { plan.count($0) > 0 }.map { "\(plan.count($0)) \($0.rawValue)" }
        let commits = plan.commits.count
        let pushed = commits == 0 ? [] : [commits == 1 ? "1 commit" : "\(commits) commits"]
        return (pushed + counts).joined(separator: ", ")
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

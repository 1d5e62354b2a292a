import Deploy
import SpacesModel
import TextTools

/// A plan as lines of text: sign, path and reason.
struct PlanTable: Sendable {
    private let plan: Plan
    private let style: Style
    /// The command that shows the complete plan.
    var fullPlanCommand = "spacesync plan"

    init(_ plan: Plan, style: Style) { (self.plan, self.style) = (plan, style) }

    /// A line of a plan: a change with its sign and reason, or only a text.
    struct Entry: Hashable, Sendable {
        var sign = ""
        var name = ""
        /// The width of the column of names; 0 if the reason follows the name directly.
        var nameWidth = 0
        var reason = ""

        /// The line at full width.
        var text: String {
            sign.isEmpty ? name : "\(sign) \(name.padded(to: nameWidth))  \(reason)"
        }
    }

    func lines(limit: Int) -> [String] { entries(limit: limit).map(\.text) }

    func entries(limit: Int) -> [Entry] {
        let settings = plan.configurationChanges.map(entry)
        guard !plan.changes.isEmpty || !plan.commits.isEmpty else {
            if let held = plan.heldBack {
                return [Entry(name: "\(held.short) is held back: nothing is pushed")]
            }
            return settings + [Entry(name: plan.isDone ? "nothing to change" : "no files to change")]
        }
        let shown = plan.changes.prefix(limit)
        let width = min(shown.map { $0.path.shown.visible.cellWidth }.max() ?? 0, 48)
        let omitted = plan.changes.count - shown.count
        let more =
            omitted > 0 ? [Entry(name: "… and \(omitted) more (all of them: \(fullPlanCommand))")] : []
        return settings + commits(limit) + shown.map { entry($0, width) } + more + [Entry(name: summary)]
    }

    /// The newest commits first, like `git log`.
    private func commits(_ limit: Int) -> [Entry] {
        let shown = plan.commits.reversed().prefix(limit).map { commit in
            Entry(
                sign: style.yellow("*"), name: commit.id.short, nameWidth: commit.id.short.count,
                reason: style.dim(commit.shownSubject.visible))
        }
        let omitted = plan.commits.count - shown.count
        return shown + (omitted > 0 ? [Entry(name: "… and \(omitted) more commits")] : [])
    }

    private func entry(_ change: Change, _ width: Int) -> Entry {
        Entry(
            sign: sign(change.kind), name: change.path.shown.visible, nameWidth: width,
            reason: style.dim(change.why.visible))
    }

    private func entry(_ change: ConfigurationChange) -> Entry {
        let costWarning = change.costWarning.map { "  " + style.yellow($0.visible) } ?? ""
        return Entry(
            sign: sign(change.kind), name: change.subject.description,
            reason: style.dim(change.why.visible) + costWarning)
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
        let pushed = commits == 0 ? [] : [counted(commits, "commit")]
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

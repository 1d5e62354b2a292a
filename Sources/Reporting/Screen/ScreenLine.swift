import TextTools

/// A line of the output on a terminal, which is fitted to the width when it is printed.
enum ScreenLine: Hashable, Sendable {
    /// The heading of a target.
    case heading(Heading)
    /// A finished step: its name, a short text and its duration.
    case step(Mark, name: String, text: String, took: Duration?)
    /// Prose below a step, wrapped at words.
    case note(String, Tone = .plain, indent: Int = 2, hanging: Int = 0)
    /// A name and its text below a failed step: cause, fix.
    case field(String, String)
    /// A line of a log, shown in full.
    case log(String)
    /// A line that is fitted already, for standard error.
    case text(String)
    /// A line of the result, for standard output; wrapped with an indent if one is given.
    case result(String, hanging: Int? = nil)
    /// A change of a plan, for standard output if the plan is the result.
    case planEntry(PlanTable.Entry, isResult: Bool)

    /// The parts of a heading, in order. The remark is at the right edge.
    struct Heading: Hashable, Sendable {
        var space: String
        var source = ""
        /// The subject of the source commit, which is shortened if there is no room.
        var subject = ""
        var kind = ""
        var remark: String?
    }

    enum Mark: Hashable, Sendable { case done, failed, stopped }
    enum Tone: Hashable, Sendable { case plain, dim, warning, error, hint }

    /// Whether the line goes to standard output.
    var isResult: Bool {
        switch self {
        case .result: true
        case .planEntry(_, let isResult): isResult
        default: false
        }
    }
}

/// Formats lines for a terminal of a certain width.
struct ScreenFormatter: Sendable {
    /// The width of the window; `nil` if it is unknown: then lines are neither wrapped nor shortened.
    let width: Int?
    let style: Style

    /// Durations are aligned at this column at most, so that they stay near their step.
    private static let maxWidth = 100
    private static let nameWidth = 12
    private static let fieldWidth = 6

    /// Returns the text of a line, which may take several lines of the terminal.
    func lines(of line: ScreenLine) -> [String] {
        switch line {
        case .heading(let heading): [text(of: heading)]
        case .step(let mark, let name, let text, let took): step(mark, name, text, took)
        case .note(let text, let tone, let indent, let hanging): note(text, tone, indent, hanging)
        case .field(let name, let text):
            wrap(style.bold(name.padded(to: Self.fieldWidth)) + " " + text, 4, Self.fieldWidth + 1)
        case .log(let text): [style.dim("    " + text)]
        case .text(let text): [text]
        case .result(let text, let hanging): hanging.map { wrap(text, 0, $0) } ?? [text]
        case .planEntry(let entry, let isResult): planEntry(entry, indent: isResult ? 0 : 2)
        }
    }

    private func text(of heading: ScreenLine.Heading) -> String {
        let room = width.map { min($0, Self.maxWidth) } ?? .max
        func line(_ subject: String) -> String {
            let quoted = subject.isEmpty ? "" : "\"\(subject)\""
            let source = [heading.source, quoted].filter { !$0.isEmpty }.joined(separator: " ")
            return [heading.space, source, heading.kind].filter { !$0.isEmpty }.joined(separator: "  ")
        }
        let remark = heading.remark ?? ""
        let excess = line(heading.subject).cellWidth + (remark.isEmpty ? 0 : remark.cellWidth + 2) - room
        let subjectWidth = max(min(16, heading.subject.cellWidth), heading.subject.cellWidth - max(0, excess))
        let text = line(heading.subject.truncatedEnd(to: subjectWidth))
        let fitted = width.map { text.truncatedEnd(to: $0) } ?? text
        let styled =
            style.bold(String(fitted.prefix(heading.space.count))) + fitted.dropFirst(heading.space.count)
        let gap =
            (width == nil ? fitted.cellWidth + remark.cellWidth + 2 : room) - fitted.cellWidth
            - remark.cellWidth
        guard !remark.isEmpty, gap >= 2 else { return styled }
        return styled + String(repeating: " ", count: gap) + style.dim(remark)
    }

    private func step(_ mark: ScreenLine.Mark, _ name: String, _ text: String, _ took: Duration?) -> [String]
    {
        let sign =
            switch mark {
            case .done: style.green("✓")
            case .failed: style.red("✗")
            case .stopped: style.yellow("!")
            }
        let shownName = text.isEmpty ? name : name.padded(to: Self.nameWidth) + " "
        let time = took.map { $0.text(.elapsed) } ?? ""
        guard let width else {
            return ["\(sign) \(shownName)\(text)" + (time.isEmpty ? "" : "  \(time)")]
        }
        let room = min(width, Self.maxWidth) - (time.isEmpty ? 0 : time.cellWidth + 2)
        let body = (shownName + text).truncatedEnd(to: max(1, room - 2))
        let gap = time.isEmpty ? "" : String(repeating: " ", count: max(2, room - body.cellWidth))
        let line = "\(sign) \(mark == .failed ? style.bold(body) : body)\(gap)\(style.dim(time))"
        return [line.truncatedEnd(to: width)]
    }

    private func planEntry(_ entry: PlanTable.Entry, indent: Int) -> [String] {
        guard let width, !entry.sign.isEmpty else { return wrap(entry.text, indent, 2) }
        let nameWidth = min(max(entry.nameWidth, entry.name.cellWidth), max(12, (width - indent) / 2))
        let name = entry.name.truncatedMiddle(to: nameWidth)
        let isAligned = entry.nameWidth > 0
        let text = "\(entry.sign) \(isAligned ? name.padded(to: nameWidth) : name)  \(entry.reason)"
        return wrap(text, indent, isAligned ? nameWidth + 4 : 4)
    }

    private func note(_ text: String, _ tone: ScreenLine.Tone, _ indent: Int, _ hanging: Int) -> [String] {
        switch tone {
        case .plain: wrap(text, indent, hanging)
        case .dim: wrap(text, indent, hanging).map(style.dim)
        case .warning: wrap(style.yellow("warning: ") + text, indent, 9)
        case .error: wrap(style.red("error: ") + text, indent, 7)
        case .hint: wrap(style.bold("hint: ") + text, indent, 6)
        }
    }

    /// Wraps a text at words; the lines after the first have a hanging indent.
    private func wrap(_ text: String, _ indent: Int, _ hanging: Int) -> [String] {
        let line = String(repeating: " ", count: indent) + text
        return width.map { line.wrapped(to: $0, indent: indent + hanging) } ?? [line]
    }
}

import TextTools

/// The layout of help texts: at most 80 columns.
enum HelpLayout {
    static let width = 80

    /// Wraps a line at its spaces. A short code span (`` `--force` ``) stays on one line.
    /// - Parameter indent: the number of spaces before the second and later lines.
    static func wrapped(_ line: String, indent: Int) -> String {
        protectingCode(line).wrapped(to: width, indent: indent).joined(separator: "\n")
            .replacing(noBreakSpace, with: " ")
    }

    /// Two columns. A text on the left that is too long gets a line of its own.
    static func list(_ rows: [(left: String, right: String)], _ column: Int) -> String {
        let indent = column + 4
        return rows.map { left, right in
            let text = wrapped(String(repeating: " ", count: indent) + right, indent: indent)
            guard left.count <= column else { return "  \(left)\n\(text)" }
            return "  " + left + text.dropFirst(left.count + 2)
        }.joined(separator: "\n")
    }

    private static let noBreakSpace = "\u{A0}"

    /// Replaces the spaces of short code spans by spaces at which no line is broken.
    private static func protectingCode(_ line: String) -> String {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            let isCode = index % 2 == 1 && index < parts.count - 1 && part.count < 40
            return isCode ? String(part).replacing(" ", with: noBreakSpace) : String(part)
        }.joined(separator: "`")
    }
}

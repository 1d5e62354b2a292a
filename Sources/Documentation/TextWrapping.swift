/// Text for a terminal with a fixed number of columns.
package enum TextWrapping {
    package static let width = 80

    /// Wraps a line at its spaces. A short code span (`` `--force` ``) stays on one line.
    /// - Parameter indent: the number of spaces before the second and later lines.
    package static func wrapped(_ line: String, indent: Int) -> String {
        guard line.count > width else { return line }
        let start = line.prefix { $0 == " " }
        var lines = [String(start)]
        for word in words(line.dropFirst(start.count)) {
            let last = lines[lines.count - 1]
            let isFirst = last.allSatisfy { $0 == " " }
            if isFirst {
                lines[lines.count - 1] += word
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(repeating: " ", count: indent) + word)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Two columns. A text on the left that is too long gets a line of its own.
    package static func list(_ rows: [(left: String, right: String)], _ column: Int) -> String {
        let indent = column + 4
        return rows.map { left, right in
            let text = wrapped(String(repeating: " ", count: indent) + right, indent: indent)
            guard left.count <= column else { return "  \(left)\n\(text)" }
            return "  " + left + text.dropFirst(left.count + 2)
        }.joined(separator: "\n")
    }

    /// Splits at spaces outside of short code spans.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var isInCode = false
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if isInCode, let last = words.last, last.count + word.count < 40 {
                words[words.count - 1] = last + " " + word
            } else {
                words.append(String(word))
            }
            if word.count(where: { $0 == "`" }) % 2 == 1 { isInCode.toggle() }
        }
        return words
    }
}

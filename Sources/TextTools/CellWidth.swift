// The width of text on a terminal, in cells: 0 for combining marks, 2 for wide East Asian characters
// and emoji (UAX #11; wcwidth(3)). Colours (ECMA-48 SGR sequences) take no cell.

extension Character {
    /// The number of cells that the character takes on a terminal.
    package var cellWidth: Int {
        let scalars = unicodeScalars
        guard let first = scalars.first else { return 0 }
        if scalars.count == 1 { return first.cellWidth }
        // An emoji presentation selector, or two regional indicators of a flag.
        if scalars.contains("\u{FE0F}"), first.properties.isEmoji { return 2 }
        if (0x1F1E6...0x1F1FF).contains(first.value) { return 2 }
        return scalars.lazy.map(\.cellWidth).max() ?? 0
    }
}

extension Unicode.Scalar {
    fileprivate var cellWidth: Int {
        if value < 0x300 { return value >= 0x20 && !(0x7F..<0xA0).contains(value) && value != 0xAD ? 1 : 0 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        if (0x1160...0x11FF).contains(value) { return 0 }
        return properties.isEmojiPresentation || Self.wideRanges.contains { $0.contains(value) } ? 2 : 1
    }

    /// The blocks of East Asian wide and fullwidth characters.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]
}

extension StringProtocol {
    /// The number of cells that the text takes on a terminal.
    package var cellWidth: Int {
        if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return utf8.count }
        return cells.reduce(0) { $0 + $1.width }
    }

    /// Returns the text padded with spaces on the right (or left) to a width in cells.
    package func padded(to width: Int, onLeft: Bool = false) -> String {
        let padding = String(repeating: " ", count: Swift.max(0, width - cellWidth))
        return onLeft ? padding + String(self) : String(self) + padding
    }

    /// Returns the text, with its end replaced by an ellipsis if it is wider than `width` cells.
    package func truncatedEnd(to width: Int) -> String {
        guard cellWidth > width else { return String(self) }
        guard width > 0 else { return "" }
        var (result, used, hasStyle) = ("", 0, false)
        for cell in cells {
            guard used + cell.width <= width - 1 else { break }
            result += cell.text
            (used, hasStyle) = (used + cell.width, hasStyle || cell.isStyle)
        }
        return result + "…" + (hasStyle ? "\u{1B}[0m" : "")
    }

    /// Returns the text, with its middle replaced by an ellipsis if it is wider than `width` cells:
    /// for paths and names, whose end matters more. The text must have no colours.
    package func truncatedMiddle(to width: Int) -> String {
        guard cellWidth > width else { return String(self) }
        guard width > 2 else { return truncatedEnd(to: width) }
        let tailWidth = (width - 1) * 2 / 3
        var (tail, used) = ("", 0)
        for character in reversed() {
            guard used + character.cellWidth <= tailWidth else { break }
            tail = String(character) + tail
            used += character.cellWidth
        }
        return truncatedEnd(to: width - used) + tail
    }

    /// Returns the text as lines of at most `width` cells, broken at spaces. A word that is wider than a
    /// line is broken where the line ends, except a URL: the terminal breaks it, so that it can be copied.
    /// - Parameter indent: the indent of the lines after the first; ignored if it leaves no room.
    package func wrapped(to width: Int, indent: Int = 0) -> [String] {
        guard width > 0, cellWidth > width else { return [String(self)] }
        let indent = width - indent >= 12 ? indent : 0
        var (lines, line, used, gap, isEmpty) = ([String](), "", 0, 0, true)
        func endLine() {
            lines.append(line)
            (line, used, gap, isEmpty) = (String(repeating: " ", count: indent), indent, 0, true)
        }
        for (index, word) in split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { gap += 1 }
            guard !word.isEmpty else { continue }
            if !isEmpty, used + gap + word.cellWidth > width { endLine() }
            line += String(repeating: " ", count: gap)
            (used, gap) = (used + gap, 0)
            let isURL = word.contains("://")
            for cell in word.cells {
                if !isURL, !isEmpty, used + cell.width > width { endLine() }
                line += cell.text
                (used, isEmpty) = (used + cell.width, false)
            }
        }
        return lines + (isEmpty && !lines.isEmpty ? [] : [line])
    }

    /// The characters with their widths; a colour sequence is one element without width.
    private var cells: [(text: String, width: Int, isStyle: Bool)] {
        var result: [(text: String, width: Int, isStyle: Bool)] = []
        var remaining = String(self)[...]
        while let character = remaining.popFirst() {
            guard character == "\u{1B}", remaining.first == "[" else {
                result.append((String(character), character.cellWidth, false))
                continue
            }
            let end = remaining.firstIndex { $0.isLetter } ?? remaining.index(before: remaining.endIndex)
            result.append(("\u{1B}" + remaining[...end], 0, true))
            remaining = remaining[remaining.index(after: end)...]
        }
        return result
    }
}

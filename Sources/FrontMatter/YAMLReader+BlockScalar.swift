import TextTools

extension YAMLReader {
    private struct Header {
        var isFolded: Bool
        /// `-`, `+` or `nil`.
        var chomping: UInt8?
        var indentation: Int?
    }

    /// Reads `|` or `>` and the following lines that are indented deeper than `parent`.
    mutating func blockScalar(parent: Int) throws(CardError) -> YAMLScalar {
        let header = try blockHeader()
        advanceLine()
        let indentation = header.indentation.map { max(parent, 0) + $0 } ?? indentationAhead(parent)
        var lines: [ArraySlice<UInt8>] = []
        var last = mark
        while !isAtEnd {
            let start = at
            skipToLineEnd()
            let text = bytes[start..<at]
            let depth = text.prefix { $0 == .space }.count
            guard depth >= indentation || text.allSatisfy(\.isBlank) else {
                restore(to: last)
                break
            }
            let isBlank = depth < indentation || text.dropFirst(indentation).isEmpty
            lines.append(isBlank ? [] : text.dropFirst(indentation))
            if !isBlank || header.chomping == UInt8(ascii: "+") { contentEnd = at }
            advanceLine()
            last = mark
        }
        return YAMLScalar(text: Self.joined(lines, header), isPlain: false)
    }

    private mutating func blockHeader() throws(CardError) -> Header {
        var header = Header(isFolded: here == UInt8(ascii: ">"))
        consume()
        while let byte = here, byte == .dash || byte == UInt8(ascii: "+") || byte.isDigit {
            if byte.isDigit {
                header.indentation = Int(byte - UInt8(ascii: "0"))
            } else {
                header.chomping = byte
            }
            consume()
        }
        skipBlanks()
        guard isAtLineEnd || here == .hash else {
            throw problem(
                "text behind \u{201C}|\u{201D} or \u{201C}>\u{201D} must begin on the next line; or put it into quotes"
            )
        }
        skipToLineEnd()
        return header
    }

    /// Returns the indentation of the first line with text; `Int.max` if no line belongs to the
    /// scalar.
    private func indentationAhead(_ parent: Int) -> Int {
        var copy = self
        while !copy.isAtEnd {
            while copy.here == .space { copy.advance() }
            if !copy.isAtLineEnd { return copy.column > parent ? copy.column : .max }
            copy.advanceLine()
        }
        return .max
    }

    private static func joined(_ lines: [ArraySlice<UInt8>], _ header: Header) -> String {
        let content = lines.prefix((lines.lastIndex { !$0.isEmpty } ?? -1) + 1)
        var text = header.isFolded ? folded(content) : Array(content.joined(separator: [UInt8.newline]))
        if !content.isEmpty, header.chomping != .dash { text.append(.newline) }
        if header.chomping == UInt8(ascii: "+") {
            text += Array(repeating: .newline, count: lines.count - content.count)
        }
        return text.text
    }

    /// Joins two lines of text with a space, unless one of them is indented further.
    private static func folded(_ lines: ArraySlice<ArraySlice<UInt8>>) -> [UInt8] {
        var text: [UInt8] = []
        var (breaks, previous) = (0, ArraySlice<UInt8>())
        for line in lines {
            if line.isEmpty {
                breaks += 1
                continue
            }
            if !previous.isEmpty {
                let keepsLineEnd = (previous.first?.isBlank ?? false) || (line.first?.isBlank ?? false)
                if keepsLineEnd { breaks += 1 } else if breaks == 0 { text.append(.space) }
            }
            text += Array(repeating: .newline, count: breaks) + line
            (breaks, previous) = (0, line)
        }
        return text
    }
}

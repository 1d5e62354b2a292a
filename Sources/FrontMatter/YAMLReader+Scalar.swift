import TextTools

extension YAMLReader {
    /// Whether an unquoted text may begin here.
    func startsPlain(inFlow: Bool) -> Bool {
        guard let byte = here, !byte.isBlank, !byte.isLineEnd else { return false }
        if byte == .dash || byte == .colon || byte == UInt8(ascii: "?") {
            return !isBreak(1) && !(inFlow && (peek() ?? 0).isFlowIndicator)
        }
        return !byte.isFlowIndicator && !Self.indicators.contains(byte)
    }

    private static let indicators = Array("#&*!|>'\"%@`".utf8)

    /// Reads an unquoted text with its continuation lines, those indented deeper than `parent`.
    mutating func plain(parent: Int) throws(CardError) -> YAMLScalar {
        guard startsPlain(inFlow: false) else { throw cannotBegin }
        var lines = FoldedLines()
        while true {
            lines.append(readPlainLine(inFlow: false))
            if here == .colon { throw colonInside }
            let lineEnd = mark
            guard !isAtEnd, isAtLineEnd else { break }
            let breaks = skipLines()
            guard !isAtEnd, column > parent, here != .hash else {
                restore(to: lineEnd)
                break
            }
            lines.breakLine(breaks)
        }
        return YAMLScalar(text: lines.text, isPlain: true)
    }

    private var cannotBegin: CardError {
        let text = here.map { [$0].text } ?? ""
        return problem("a value cannot start with \u{201C}\(text)\u{201D} here; put the value in quotes")
    }
    private var colonInside: CardError {
        problem(
            "mapping values are not allowed here: put a value that contains \u{201C}: \u{201D} in quotes")
    }

    /// Reads the rest of a line up to a comment, a `: ` or, in a flow collection, a separator, and
    /// stops there.
    mutating func readPlainLine(inFlow: Bool) -> ArraySlice<UInt8> {
        let start = at
        var last = at
        while let byte = here, !byte.isLineEnd {
            if byte == .hash, at > lineStart, bytes[at - 1].isBlank { break }
            if byte == .colon, isBreak(1) { break }
            if inFlow, endsInFlow(byte) { break }
            advance()
            if !byte.isBlank { last = at }
        }
        contentEnd = last
        return bytes[start..<last]
    }

    private func endsInFlow(_ byte: UInt8) -> Bool {
        byte.isFlowIndicator || byte == .colon && (peek() ?? 0).isFlowIndicator
    }

    /// Skips line ends and blank lines up to the next content, and returns the number of line ends.
    mutating func skipLines() -> Int {
        let startLine = line
        while !isAtEnd, isAtLineEnd {
            advanceLine()
            skipBlanks()
        }
        return line - startLine
    }

    /// Reads `'…'` or `"…"`, which may span several lines.
    mutating func quoted() throws(CardError) -> YAMLScalar {
        let (openingLine, isDouble) = (line, here == .doubleQuote)
        let quote = isDouble ? UInt8.doubleQuote : .quote
        var lines = FoldedLines()
        advance()
        while let byte = here {
            if byte == quote, isDouble || peek() != .quote {
                consume()
                return YAMLScalar(text: lines.text, isPlain: false)
            }
            if byte.isLineEnd {
                lines.trimBlanks()
                lines.breakLine(skipLines())
            } else if byte == quote {
                lines.append([.quote])
                advance(2)
            } else if isDouble, byte == .backslash {
                try escape(into: &lines)
            } else {
                lines.append([byte])
                advance()
            }
        }
        throw problem("the quote \([quote].text) is not closed", line: openingLine)
    }

    private mutating func escape(into lines: inout FoldedLines) throws(CardError) {
        advance()
        guard let byte = here else { return }
        if byte.isLineEnd {
            lines.protectBlanks()
            let breaks = skipLines()
            if breaks > 1 { lines.breakLine(breaks) }
            return
        }
        advance()
        if let digits = Self.digits[byte] {
            return lines.append(protected: try character(digits))
        }
        guard let plain = Self.escapes[byte] else {
            throw problem(
                "\u{201C}\\\([byte].text)\u{201D} is not a valid YAML escape; use \\\\ or use single quotes")
        }
        lines.append(protected: Array(plain.utf8))
    }

    /// Reads the character of an escape with the given number of hexadecimal digits; a surrogate
    /// pair is one character, as in JSON.
    private mutating func character(_ digits: Int) throws(CardError) -> [UInt8] {
        var code = try number(digits)
        if (0xd800..<0xdc00).contains(code), here == .backslash, peek() == UInt8(ascii: "u") {
            advance(2)
            code = 0x10000 + (code - 0xd800) << 10 + ((try number(4)) & 0x3ff)
        }
        return Array(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
    }

    private mutating func number(_ digits: Int) throws(CardError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = here?.hexDigit else {
                throw problem("an escape has too few hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            advance()
        }
        return code
    }

    private static let digits: [UInt8: Int] = [
        UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8,
    ]
    private static let escapes: [UInt8: String] = [
        UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "t"): "\t",
        UInt8(ascii: "\t"): "\t", UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{b}",
        UInt8(ascii: "f"): "\u{c}",
        UInt8(ascii: "r"): "\r", UInt8(ascii: "e"): "\u{1b}", UInt8(ascii: " "): " ",
        UInt8(ascii: "\""): "\"",
        UInt8(ascii: "/"): "/", UInt8(ascii: "\\"): "\\", UInt8(ascii: "N"): "\u{85}",
        UInt8(ascii: "_"): "\u{a0}",
        UInt8(ascii: "L"): "\u{2028}", UInt8(ascii: "P"): "\u{2029}",
    ]
}

/// The text of a folded multi-line scalar: a single line end becomes a space, n line ends become n
/// - 1.
struct FoldedLines {
    private(set) var bytes: [UInt8] = []
    /// The offset before which blanks were escaped and must not be trimmed.
    private var protected = 0

    var text: String { bytes.text }

    mutating func append(_ more: some Sequence<UInt8>) { bytes += more }

    mutating func append(protected more: [UInt8]) {
        bytes += more
        protectBlanks()
    }

    mutating func protectBlanks() { protected = bytes.count }

    mutating func trimBlanks() {
        while bytes.count > protected, bytes.last?.isBlank ?? false { bytes.removeLast() }
    }

    mutating func breakLine(_ count: Int) {
        bytes += count == 1 ? [.space] : Array(repeating: .newline, count: count - 1)
        protectBlanks()
    }
}

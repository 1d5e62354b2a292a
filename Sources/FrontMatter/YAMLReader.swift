import TextTools

/// Limits on the size of a card's YAML. Real cards have about 1 KiB, 20 keys and 2 levels.
package enum YAMLLimit {
    /// Bytes of the front matter.
    package static let size = 512 << 10
    /// The number of top-level keys.
    package static let keys = 1_000
    package static let anchors = 1_000
    /// Nested collections and members, each counted: 50 levels of lists or mappings.
    package static let depth = 100
    /// The length of a chain of aliases.
    static let aliases = 20
}

/// Reads one YAML mapping at the top of a README, with the positions of its entries. Supports block
/// and flow styles, quotes, block scalars, anchors, tags and comments of YAML 1.2
/// (https://yaml.org/spec/1.2.2/); is more lenient than the specification inside nested values, and
/// does not preserve styles.
package struct YAMLReader {
    let bytes: [UInt8]
    /// The offset after the last byte to read.
    private(set) var end: Int
    /// The current offset.
    private(set) var at = 0
    /// The offset at which the current line begins, and its number from 0.
    private(set) var lineStart = 0
    private(set) var line = 0
    /// The offset after the last byte that was not a blank, comment or line end.
    var contentEnd = 0
    /// The anchors seen so far, in order.
    private(set) var anchors: [Anchor] = []
    private var names: Set<String> = []
    private var depth = 0

    struct Anchor: Hashable, Sendable {
        var name: String
        var node: YAMLNode
        var offset: Int
    }

    init(_ bytes: [UInt8]) { (self.bytes, end) = (bytes, bytes.count) }

    var isAtEnd: Bool { at >= end }
    var column: Int { at - lineStart }
    var here: UInt8? { at < end ? bytes[at] : nil }
    func peek(_ ahead: Int = 1) -> UInt8? { at + ahead < end ? bytes[at + ahead] : nil }
    var isAtLineEnd: Bool { here.map(\.isLineEnd) ?? true }
    /// Whether a blank, a line end or the end follows `ahead` bytes after the current offset.
    func isBreak(_ ahead: Int) -> Bool { peek(ahead).map { $0.isBlank || $0.isLineEnd } ?? true }

    mutating func stop(at offset: Int) { end = offset }

    mutating func advance(_ count: Int = 1) { at += count }

    /// Advances over bytes of content.
    mutating func consume(_ count: Int = 1) {
        at += count
        contentEnd = at
    }

    /// Advances over `\n`, `\r\n` or `\r`.
    mutating func advanceLine() {
        guard let byte = here, byte.isLineEnd else { return }
        at += byte == .carriageReturn && peek() == .newline ? 2 : 1
        (lineStart, line) = (at, line + 1)
    }

    mutating func skipBlanks() {
        while let byte = here, byte.isBlank { at += 1 }
    }

    mutating func skipToLineEnd() {
        while !isAtLineEnd { at += 1 }
    }

    /// Advances over blanks, comments and line ends to the next content. Returns whether a line
    /// ended.
    @discardableResult mutating func skipTrivia() -> Bool {
        let startLine = line
        while true {
            skipBlanks()
            if here == .hash { skipToLineEnd() }
            guard !isAtEnd, isAtLineEnd else { return line != startLine }
            advanceLine()
        }
    }

    /// A state of the reader that can be restored.
    struct Mark {
        fileprivate(set) var at: Int
        fileprivate(set) var lineStart: Int
        fileprivate(set) var line: Int
        fileprivate(set) var contentEnd: Int
    }
    var mark: Mark { Mark(at: at, lineStart: lineStart, line: line, contentEnd: contentEnd) }
    mutating func restore(to mark: Mark) {
        (at, lineStart, line, contentEnd) = (mark.at, mark.lineStart, mark.line, mark.contentEnd)
    }

    func problem(_ reason: String, line: Int? = nil) -> CardError {
        CardError(line: (line ?? self.line) + 1, reason)
    }

    mutating func define(_ name: String, _ node: YAMLNode, at offset: Int) throws(CardError) {
        guard anchors.count < YAMLLimit.anchors else {
            throw problem(
                "more than \(YAMLLimit.anchors) anchors (\u{201C}&\u{201D}); write the values instead")
        }
        names.insert(name)
        anchors.append(Anchor(name: name, node: node, offset: offset))
    }

    func isDefined(anchor name: String) -> Bool { names.contains(name) }

    /// Runs a function one nesting level deeper, up to the limit.
    mutating func nested<Value>(
        _ body: (inout YAMLReader) throws(CardError) -> Value
    ) throws(CardError) -> Value {
        guard depth < YAMLLimit.depth else {
            throw problem("nested too deeply: the limit is \(YAMLLimit.depth / 2) levels")
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

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
                "text after \u{201C}|\u{201D} or \u{201C}>\u{201D} must start on the next line; otherwise put it in quotes"
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

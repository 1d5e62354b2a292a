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
            throw problem("more than \(YAMLLimit.anchors) anchors (\u{201C}&\u{201D}); write the values out")
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
            throw problem("nested too deeply: at most \(YAMLLimit.depth / 2) levels are read")
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }
}

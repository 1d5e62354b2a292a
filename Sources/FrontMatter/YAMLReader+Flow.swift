import TextTools

extension YAMLReader {
    /// Reads `[…]` or `{…}`, which may span several lines.
    mutating func flowCollection() throws(CardError) -> YAMLNode {
        let (opening, openingLine) = (here, line)
        let isMapping = opening == UInt8(ascii: "{")
        let closing = isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]")
        consume()
        var items: [YAMLNode] = []
        var pairs: [YAMLNode.Pair] = []
        while true {
            skipTrivia()
            guard let byte = here else {
                let bracket = isMapping ? "{" : "["
                throw problem("the bracket \u{201C}\(bracket)\u{201D} is not closed", line: openingLine)
            }
            if byte == closing {
                consume()
                return isMapping ? .mapping(pairs) : .sequence(items)
            }
            let entry = try nested { reader throws(CardError) in try reader.flowEntry() }
            pairs.append(YAMLNode.Pair(key: entry.node, value: entry.value ?? .null))
            items.append(
                entry.value.map { .mapping([YAMLNode.Pair(key: entry.node, value: $0)]) } ?? entry.node)
            skipTrivia()
            if here == UInt8(ascii: ",") {
                consume()
            } else if !isAtEnd, here != closing {
                throw problem("a comma or \u{201C}\([closing].text)\u{201D} is missing here")
            }
        }
    }

    /// Reads one member, and the value after its colon.
    private mutating func flowEntry() throws(CardError) -> (node: YAMLNode, value: YAMLNode?) {
        if isExplicitKey { consume() }
        skipTrivia()
        let node = try flowNode()
        let afterNode = mark
        skipTrivia()
        guard here == .colon else {
            restore(to: afterNode)
            return (node, nil)
        }
        consume()
        skipTrivia()
        return (node, endsFlowEntry ? .null : try flowNode())
    }

    private var endsFlowEntry: Bool {
        here.map { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "]") || $0 == UInt8(ascii: "}") } ?? true
    }

    private mutating func flowNode() throws(CardError) -> YAMLNode {
        let offset = at
        let (anchor, tag) = try properties()
        skipTrivia()
        let node: YAMLNode
        switch here {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            node = try nested { reader throws(CardError) in try reader.flowCollection() }
        case .quote, .doubleQuote: node = .scalar(try quoted())
        case .star: node = .alias(try alias())
        default:
            if here == .colon || endsFlowEntry, anchor != nil || tag != nil || here == .colon {
                node = .null
            } else {
                node = .scalar(try plainInFlow())
            }
        }
        let tagged = node.tagged(tag)
        if let anchor { try define(anchor, tagged, at: offset) }
        return tagged
    }

    private mutating func plainInFlow() throws(CardError) -> YAMLScalar {
        guard startsPlain(inFlow: true) else {
            throw problem(
                "a value cannot start with \u{201C}\(here.map { [$0].text } ?? "")\u{201D}; put it in quotes")
        }
        var lines = FoldedLines()
        while true {
            lines.append(readPlainLine(inFlow: true))
            let lineEnd = mark
            guard !isAtEnd, isAtLineEnd else { break }
            let breaks = skipLines()
            guard !isAtEnd, here != .hash, !endsPlainInFlow else {
                restore(to: lineEnd)
                break
            }
            lines.breakLine(breaks)
        }
        return YAMLScalar(text: lines.text, isPlain: true)
    }

    private var endsPlainInFlow: Bool {
        guard let byte = here else { return true }
        return byte.isFlowIndicator || byte == .colon && isBreak(1)
    }

    /// Whether `key:` begins here, on a single line.
    var isKeyAhead: Bool {
        var copy = self
        return (try? copy.key()) != nil
    }

    /// Reads `key:` including the colon.
    mutating func key() throws(CardError) -> YAMLNode {
        let startLine = line
        let start = at
        let (anchor, tag) = try properties()
        skipBlanks()
        var node: YAMLNode
        switch here {
        case .quote, .doubleQuote: node = .scalar(try quoted())
        case .star: node = .alias(try alias())
        default: node = .scalar(YAMLScalar(text: try plainKey(), isPlain: true))
        }
        skipBlanks()
        guard line == startLine, here == .colon, isBreak(1) else { throw notAnEntry }
        node = node.tagged(tag)
        if let anchor { try define(anchor, node, at: start) }
        consume()
        return node
    }

    /// Reads the text of an unquoted key, up to its colon.
    private mutating func plainKey() throws(CardError) -> String {
        guard startsPlain(inFlow: false) else { throw notAnEntry }
        let start = at
        while let byte = here, !byte.isLineEnd {
            if byte == .colon, isBreak(1) { break }
            if byte == .hash, at > start, bytes[at - 1].isBlank { throw notAnEntry }
            advance()
        }
        guard here == .colon else { throw notAnEntry }
        return bytes[start..<at].trimmingBlanks.text
    }

    /// Reads `&anchor` and `!tag`, in either order.
    mutating func properties() throws(CardError) -> (anchor: String?, tag: String?) {
        var properties: (anchor: String?, tag: String?) = (nil, nil)
        while let byte = here, byte == UInt8(ascii: "&") || byte == UInt8(ascii: "!") {
            if byte == UInt8(ascii: "&") ? properties.anchor != nil : properties.tag != nil { break }
            let word = readWord()
            if byte == UInt8(ascii: "!") {
                properties.tag = word
            } else {
                guard word.utf8.count > 1 else {
                    throw problem("\u{201C}&\u{201D} starts an anchor; put the value in quotes")
                }
                properties.anchor = String(word.dropFirst())
            }
            let next = mark
            skipBlanks()
            if here != UInt8(ascii: "&"), here != UInt8(ascii: "!") { restore(to: next) }
        }
        return properties
    }

    /// Reads `*name`, whose anchor must have been defined before.
    mutating func alias() throws(CardError) -> String {
        let name = String(readWord().dropFirst())
        guard isDefined(anchor: name) else {
            throw problem(
                "\u{201C}*\u{201D} starts an alias, but the anchor &\(name) does not exist; put the value in quotes"
            )
        }
        return name
    }

    private mutating func readWord() -> String {
        let start = at
        repeat { advance() } while here.map { !($0.isBlank || $0.isLineEnd || $0.isFlowIndicator) } ?? false
        contentEnd = at
        return bytes[start..<at].text
    }
}

extension UInt8 {
    /// Whether the byte begins, ends or separates members of a flow collection: `,[]{}`.
    var isFlowIndicator: Bool {
        switch self {
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            true
        default: false
        }
    }
}

extension ArraySlice<UInt8> {
    /// The slice without blanks at both ends.
    package var trimmingBlanks: ArraySlice<UInt8> {
        var slice = drop { $0.isBlank }
        while slice.last?.isBlank ?? false { slice.removeLast() }
        return slice
    }
}

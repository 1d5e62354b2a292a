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
                throw problem("the bracket \u{201C}\(bracket)\u{201D} is never closed", line: openingLine)
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
                "\u{201C}\(here.map { [$0].text } ?? "")\u{201D} cannot begin a value; put it into quotes")
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
}

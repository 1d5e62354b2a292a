import TextTools

extension YAMLReader {
    /// The position of a value, which decides what it may be.
    enum Position {
        /// After `key:`; a list may follow below in the column of the key.
        case value
        /// After `- ` or `? `; a mapping or list may begin on the same line.
        case item
    }

    /// Reads a value of a collection that is in the column `parent`.
    mutating func node(parent: Int, _ position: Position) throws(CardError) -> YAMLNode {
        let lineBefore = line
        let start = mark
        skipTrivia()
        guard isInside(parent, position, since: lineBefore) else {
            restore(to: start)
            return .null
        }
        let beforeProperties = mark
        let (anchor, tag) = try properties()
        let isBelowParent = line != lineBefore
        if anchor == nil, tag == nil {
            return try content(parent: parent, allowsBlock: isBelowParent || position == .item)
        }
        let afterProperties = mark
        skipTrivia()
        let node: YAMLNode
        if line == beforeProperties.line, isBelowParent || position == .item, isKeyAhead {
            restore(to: beforeProperties)
            return try content(parent: parent, allowsBlock: true)
        } else if isInside(parent, position, since: beforeProperties.line) {
            node = try content(
                parent: parent, allowsBlock: line != beforeProperties.line || position == .item && isDash)
        } else {
            restore(to: afterProperties)
            node = .null
        }
        let tagged = node.tagged(tag)
        if let anchor { try define(anchor, tagged, at: beforeProperties.at) }
        return tagged
    }

    /// Whether the content at the current offset belongs to a value of the collection in the column
    /// `parent`.
    private func isInside(_ parent: Int, _ position: Position, since startLine: Int) -> Bool {
        guard !isAtEnd else { return false }
        if line == startLine || column > parent { return true }
        return position == .value && column == parent && isDash
    }

    private mutating func content(parent: Int, allowsBlock: Bool) throws(CardError) -> YAMLNode {
        try rejectTabs()
        if allowsBlock {
            if isDash { return try nested { reader throws(CardError) in try reader.sequence() } }
            if isExplicitKey || isKeyAhead {
                return try nested { reader throws(CardError) in try reader.mapping() }
            }
        }
        return try flowOrScalar(parent: parent)
    }

    private mutating func flowOrScalar(parent: Int) throws(CardError) -> YAMLNode {
        switch here {
        case UInt8(ascii: "|"), UInt8(ascii: ">"): return .scalar(try blockScalar(parent: parent))
        case .doubleQuote, .quote:
            let scalar = try quoted()
            try expectEndOfValue("the closing quote")
            return .scalar(scalar)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let node = try nested { reader throws(CardError) in try reader.flowCollection() }
            try expectEndOfValue("the closing bracket")
            return node
        case .star:
            let name = try alias()
            try expectEndOfValue("the alias *\(name)")
            return .alias(name)
        default: return .scalar(try plain(parent: parent))
        }
    }

    /// Only a comment may follow a value on its line.
    private mutating func expectEndOfValue(_ description: String) throws(CardError) {
        skipBlanks()
        guard isAtLineEnd || here == .hash else {
            throw problem("text after \(description); put the whole value in quotes")
        }
    }

    /// Reads a list whose dashes are in the current column.
    private mutating func sequence() throws(CardError) -> YAMLNode {
        let column = column
        var items: [YAMLNode] = []
        while isDash, self.column == column {
            consume()
            items.append(try nested { reader throws(CardError) in try reader.node(parent: column, .item) })
            skipTrivia()
        }
        guard isAtEnd || self.column <= column else { throw notAnEntry }
        return .sequence(items)
    }

    /// Reads a mapping whose keys are in the current column.
    private mutating func mapping() throws(CardError) -> YAMLNode {
        let column = column
        var pairs: [YAMLNode.Pair] = []
        while !isAtEnd, self.column == column, !isDash {
            try rejectTabs()
            pairs.append(try nested { reader throws(CardError) in try reader.pair() })
            skipTrivia()
        }
        guard isAtEnd || self.column <= column else { throw notAnEntry }
        return .mapping(pairs)
    }

    private mutating func pair() throws(CardError) -> YAMLNode.Pair {
        let column = column
        if isExplicitKey { return try complexPair() }
        guard isKeyAhead else { throw notAnEntry }
        let key = try key()
        return YAMLNode.Pair(key: key, value: try node(parent: column, .value))
    }

    /// Reads `? key` with `: value` on a later line.
    mutating func complexPair() throws(CardError) -> YAMLNode.Pair {
        let column = column
        consume()
        let key = try node(parent: column, .item)
        let afterKey = mark
        skipTrivia()
        guard here == .colon, isBreak(1), self.column == column else {
            restore(to: afterKey)
            return YAMLNode.Pair(key: key, value: .null)
        }
        consume()
        return YAMLNode.Pair(key: key, value: try node(parent: column, .item))
    }

    var notAnEntry: CardError {
        problem("this line is not a \u{201C}key: value\u{201D}, and its indentation does not continue one")
    }

    private func rejectTabs() throws(CardError) {
        if bytes[lineStart..<min(at, end)].contains(.tab), bytes[lineStart..<at].allSatisfy(\.isBlank) {
            throw problem("the indentation contains a tab; use spaces")
        }
    }

    var isDash: Bool { here == .dash && isBreak(1) }
    var isExplicitKey: Bool { here == UInt8(ascii: "?") && isBreak(1) }
}

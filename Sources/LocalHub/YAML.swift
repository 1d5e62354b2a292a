import TextTools

/// A parser for the subset of YAML used in cards: mappings, lists, scalars, flow collections and
/// block scalars. The real Hub has a complete parser; this one treats unsupported syntax as text.
struct YAML {
    fileprivate var lines: [Line]
    private var next = 0
    private var depth = 0
    /// The maximum nesting depth, which prevents a stack overflow.
    static let depthLimit = 64

    fileprivate struct Line {
        var indent: Int
        var text: Substring
        var raw: Substring
    }

    /// A syntax error, with a message of one line.
    struct ParseError: Error, Hashable { var message: String }

    static func parse(_ text: some StringProtocol) throws(ParseError) -> JSON {
        var yaml = YAML(
            lines: Substring(text).split(separator: "\n", omittingEmptySubsequences: false).map { Line($0) })
        let value = try yaml.block(atLeast: 0)
        if let line = yaml.peek() { throw ParseError(message: "cannot read \"\(line.text)\"") }
        return value
    }

    private init(lines: [Line]) { self.lines = lines }

    /// Returns the next line that is neither empty nor a comment, without consuming it. `nil` at
    /// the end.
    private mutating func peek() -> Line? {
        while next < lines.count, lines[next].text.isEmpty || lines[next].text.hasPrefix("#") { next += 1 }
        return next < lines.count ? lines[next] : nil
    }

    private mutating func block(atLeast indent: Int) throws(ParseError) -> JSON {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw ParseError(message: "nested too deeply") }
        guard let first = peek(), first.indent >= indent else { return .null }
        if first.text == "-" || first.text.hasPrefix("- ") { return try list(at: first.indent) }
        if Self.key(of: first.text) != nil { return try mapping(at: first.indent) }
        next += 1
        return try value(first.text, under: first.indent - 1)
    }

    private mutating func list(at indent: Int) throws(ParseError) -> JSON {
        var values: [JSON] = []
        while let line = peek(), line.indent == indent, line.text == "-" || line.text.hasPrefix("- ") {
            let item = line.text.dropFirst().drop { $0 == " " }
            if item.isEmpty {
                next += 1
                values.append(try block(atLeast: indent + 1))
            } else {
                lines[next].indent = indent + (line.text.count - item.count)
                lines[next].text = item
                values.append(try block(atLeast: indent + 1))
            }
        }
        return .array(values)
    }

    private mutating func mapping(at indent: Int) throws(ParseError) -> JSON {
        var members: JSON.Object = [:]
        while let line = peek(), line.indent == indent, let (key, text) = Self.key(of: line.text) {
            guard members[key] == nil else { throw ParseError(message: "duplicated mapping key \"\(key)\"") }
            next += 1
            members[key] = try value(text, under: indent)
        }
        if let line = peek(), line.indent >= indent {
            throw ParseError(message: "bad indentation near \"\(line.text)\"")
        }
        return .object(members)
    }

    private mutating func value(_ text: Substring, under indent: Int) throws(ParseError) -> JSON {
        let text = withoutComment(text)
        switch text.first {
        case nil:
            guard let line = peek() else { return .null }
            let isList = line.text == "-" || line.text.hasPrefix("- ")
            return line.indent > indent || isList && line.indent == indent
                ? try block(atLeast: line.indent) : .null
        case "|", ">": return .string(blockText(under: indent, folded: text.hasPrefix(">")))
        case "[", "{", "\"", "'":
            var flow = FlowParser(gather(text, under: indent))
            return try flow.parse()
        default:
            if let line = peek(), line.indent > indent, Self.key(of: line.text) != nil {
                throw ParseError(message: "bad indentation of a mapping entry near \"\(line.text)\"")
            }
            return FlowParser.scalar(gather(text, under: indent))
        }
    }

    /// Returns the text joined with its continuation lines, which are indented deeper than the key.
    private mutating func gather(_ text: Substring, under indent: Int) -> Substring {
        var text = String(text)
        while let line = peek(), line.indent > indent {
            text += " " + withoutComment(line.text)
            next += 1
        }
        return Substring(text)
    }

    private mutating func blockText(under indent: Int, folded: Bool) -> String {
        var texts: [Substring] = [], margin: Int?
        while next < lines.count, lines[next].text.isEmpty || lines[next].indent > indent {
            let line = lines[next]
            if margin == nil, !line.text.isEmpty { margin = line.indent }
            texts.append(line.raw.dropFirst(margin ?? 0))
            next += 1
        }
        while texts.last?.isEmpty == true { texts.removeLast() }
        return texts.joined(separator: folded ? " " : "\n") + "\n"
    }

    /// Returns the key and the remaining text of a line `key: text`. `nil` if the line has no key.
    private static func key(of text: Substring) -> (String, Substring)? {
        if let quote = text.first, quote == "\"" || quote == "'" {
            let body = text.dropFirst()
            guard let end = body.firstIndex(of: quote), body[end...].dropFirst().first == ":" else {
                return nil
            }
            return (String(body[..<end]), body[end...].dropFirst(2).drop { $0 == " " })
        }
        var search = text
        while let colon = search.firstIndex(of: ":") {
            let afterColon = text[colon...].dropFirst()
            if afterColon.isEmpty || afterColon.first == " " {
                return (String(text[..<colon]), afterColon.drop { $0 == " " })
            }
            search = afterColon
        }
        return nil
    }
}

extension YAML.Line {
    fileprivate init(_ raw: Substring) {
        let line = raw.last == "\r" ? raw.dropLast() : raw
        let text = line.drop { $0 == " " }
        let end = text.lastIndex { $0 != " " && $0 != "\t" }
        self.init(indent: line.count - text.count, text: end.map { text[...$0] } ?? "", raw: line)
    }
}

/// Returns text without a trailing comment (` # …`); `#` inside quotes is kept.
private func withoutComment(_ text: Substring) -> Substring {
    var quote: Character?, previous: Character = " "
    for index in text.indices {
        let character = text[index]
        if quote != nil {
            if character == quote { quote = nil }
        } else if (character == "\"" || character == "'") && !previous.isLetter && !previous.isNumber {
            quote = character
        } else if character == "#", previous == " " {
            let end = text[..<index].lastIndex { $0 != " " }
            return end.map { text[...$0] } ?? ""
        }
        previous = character
    }
    return text
}

import TextTools

/// A parser for YAML's flow style: scalars, quoted strings, `[…]` and `{…}`.
struct FlowParser {
    private var remaining: Substring
    private var depth = 0

    init(_ text: Substring) { remaining = text }

    mutating func parse() throws(YAML.ParseError) -> JSON {
        let value = try element(until: [])
        skipBlanks()
        guard remaining.isEmpty else {
            throw YAML.ParseError(message: "unexpected \"\(remaining)\" after a value")
        }
        return value
    }

    private mutating func element(until ends: Set<Character>) throws(YAML.ParseError) -> JSON {
        depth += 1
        defer { depth -= 1 }
        guard depth < YAML.depthLimit else { throw YAML.ParseError(message: "nested too deeply") }
        skipBlanks()
        switch remaining.first {
        case "[": return .array(try list())
        case "{": return .object(try mapping())
        case "\"", "'": return .string(try quoted())
        default:
            let text = remaining.prefix { !ends.contains($0) }
            remaining = remaining[text.endIndex...]
            return Self.scalar(text)
        }
    }

    private mutating func list() throws(YAML.ParseError) -> [JSON] {
        var values: [JSON] = []
        remaining.removeFirst()
        while true {
            skipBlanks()
            if consume("]") { return values }
            values.append(try element(until: [",", "]"]))
            skipBlanks()
            if !consume(","), remaining.first != "]" { throw YAML.ParseError(message: "a list has no \"]\"") }
        }
    }

    private mutating func mapping() throws(YAML.ParseError) -> JSON.Object {
        var members: JSON.Object = [:]
        remaining.removeFirst()
        while true {
            skipBlanks()
            if consume("}") { return members }
            let key = try element(until: [":", ",", "}"])
            guard consume(":") else { throw YAML.ParseError(message: "a mapping has a key without \":\"") }
            members[key.string ?? key.text] = try element(until: [",", "}"])
            skipBlanks()
            if !consume(","), remaining.first != "}" {
                throw YAML.ParseError(message: "a mapping has no \"}\"")
            }
        }
    }

    private mutating func quoted() throws(YAML.ParseError) -> String {
        let quote = remaining.removeFirst()
        var text = ""
        while let character = remaining.popFirst() {
            if character == quote {
                guard quote == "'", remaining.first == "'" else { return text }
                remaining.removeFirst()
                text.append("'")
            } else if character == "\\", quote == "\"", let escaped = remaining.popFirst() {
                text.append(try unescape(escaped))
            } else {
                text.append(character)
            }
        }
        throw YAML.ParseError(message: "a quoted text is not closed")
    }

    private mutating func unescape(_ character: Character) throws(YAML.ParseError) -> Character {
        switch character {
        case "n": return "\n"
        case "t": return "\t"
        case "u", "U", "x":
            let digits = remaining.prefix(character == "u" ? 4 : character == "U" ? 8 : 2)
            guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
                throw YAML.ParseError(message: "an invalid escape sequence")
            }
            remaining = remaining[digits.endIndex...]
            return Character(scalar)
        default: return character
        }
    }

    private mutating func consume(_ character: Character) -> Bool {
        guard remaining.first == character else { return false }
        remaining.removeFirst()
        return true
    }

    private mutating func skipBlanks() { remaining = remaining.drop { $0 == " " || $0 == "\t" } }

    /// Returns a plain scalar, resolved by YAML's core schema (YAML 1.2.2, 10.3).
    static func scalar(_ text: Substring) -> JSON {
        let end = text.lastIndex { $0 != " " }
        let text = end.map { text[...$0] } ?? ""
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: break
        }
        let isNumeric = text.utf8.allSatisfy { (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }
        if isNumeric, text.utf8.contains(where: { (48...57).contains($0) }), let number = Double(text) {
            return .number(number)
        }
        return .string(String(text))
    }
}

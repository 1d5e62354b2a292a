import TextTools

/// What stands on one line of YAML: scalars, quoted text, `[…]` and `{…}`.
struct Flow {
    private var rest: Substring
    private var depth = 0

    init(_ text: Substring) { rest = text }

    mutating func whole() throws(YAML.Fault) -> JSON {
        let value = try element(until: [])
        skipBlanks()
        guard rest.isEmpty else { throw YAML.Fault(message: "unexpected \"\(rest)\" behind a value") }
        return value
    }

    private mutating func element(until ends: Set<Character>) throws(YAML.Fault) -> JSON {
        depth += 1
        defer { depth -= 1 }
        guard depth < YAML.depthLimit else { throw YAML.Fault(message: "nested too deeply") }
        skipBlanks()
        switch rest.first {
        case "[": return .array(try list())
        case "{": return .object(try mapping())
        case "\"", "'": return .string(try quoted())
        default:
            let text = rest.prefix { !ends.contains($0) }
            rest = rest[text.endIndex...]
            return Self.scalar(text)
        }
    }

    private mutating func list() throws(YAML.Fault) -> [JSON] {
        var values: [JSON] = []
        rest.removeFirst()
        while true {
            skipBlanks()
            if take("]") { return values }
            values.append(try element(until: [",", "]"]))
            skipBlanks()
            if !take(","), rest.first != "]" { throw YAML.Fault(message: "a list has no \"]\"") }
        }
    }

    private mutating func mapping() throws(YAML.Fault) -> [String: JSON] {
        var members: [String: JSON] = [:]
        rest.removeFirst()
        while true {
            skipBlanks()
            if take("}") { return members }
            let key = try element(until: [":", ",", "}"])
            guard take(":") else { throw YAML.Fault(message: "a mapping has a key without \":\"") }
            members[key.string ?? key.text] = try element(until: [",", "}"])
            skipBlanks()
            if !take(","), rest.first != "}" { throw YAML.Fault(message: "a mapping has no \"}\"") }
        }
    }

    private mutating func quoted() throws(YAML.Fault) -> String {
        let quote = rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote {
                guard quote == "'", rest.first == "'" else { return text }
                rest.removeFirst()
                text.append("'")
            } else if character == "\\", quote == "\"", let escaped = rest.popFirst() {
                text.append(try unescape(escaped))
            } else {
                text.append(character)
            }
        }
        throw YAML.Fault(message: "a quoted text has no end")
    }

    private mutating func unescape(_ character: Character) throws(YAML.Fault) -> Character {
        switch character {
        case "n": return "\n"
        case "t": return "\t"
        case "u", "U", "x":
            let digits = rest.prefix(character == "u" ? 4 : character == "U" ? 8 : 2)
            guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
                throw YAML.Fault(message: "a broken escape")
            }
            rest = rest[digits.endIndex...]
            return Character(scalar)
        default: return character
        }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }

    /// A plain scalar by YAML's core schema.
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

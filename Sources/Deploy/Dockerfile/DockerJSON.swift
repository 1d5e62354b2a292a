/// The JSON form of an instruction. What is no JSON is a shell command to BuildKit; what is JSON but no array of strings
/// is an error.
enum DockerJSON: Hashable, Sendable {
    case strings([String])
    case otherValues
    case none

    init(_ text: ArraySlice<UInt8>) {
        guard text.first == UInt8(ascii: "[") else {
            self = .none
            return
        }
        var reader = JSONReader(rest: text)
        guard let value = reader.value(depth: 0), reader.isAtEnd, case .array(let items) = value else {
            self = .none
            return
        }
        let strings = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        self = strings.count == items.count ? .strings(strings) : .otherValues
    }
}

/// Reads JSON strictly, keeping only strings and arrays.
private struct JSONReader {
    enum Value {
        case string(String)
        case array([Value])
        case other
    }

    var rest: ArraySlice<UInt8>

    var isAtEnd: Bool {
        mutating get {
            skip()
            return rest.isEmpty
        }
    }

    private mutating func skip() { rest = rest.drop { $0 == .space || $0 == .tab || $0.isLineEnd } }

    private mutating func take(_ byte: Character) -> Bool {
        skip()
        guard rest.first == byte.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    mutating func value(depth: Int) -> Value? {
        guard depth < 64 else { return nil }
        skip()
        switch rest.first {
        case .doubleQuote: return string().map(Value.string)
        case UInt8(ascii: "["): return array(depth: depth).map(Value.array)
        case UInt8(ascii: "{"): return object(depth: depth) ? .other : nil
        default: return literal() ? .other : nil
        }
    }

    private mutating func array(depth: Int) -> [Value]? {
        _ = take("[")
        if take("]") { return [] }
        var items: [Value] = []
        while true {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            if take("]") { return items }
            guard take(",") else { return nil }
        }
    }

    private mutating func object(depth: Int) -> Bool {
        _ = take("{")
        if take("}") { return true }
        while true {
            skip()
            guard rest.first == .doubleQuote, string() != nil, take(":"), value(depth: depth + 1) != nil
            else {
                return false
            }
            if take("}") { return true }
            guard take(",") else { return false }
        }
    }

    private mutating func literal() -> Bool {
        let word = rest.prefix { $0.isLetter || $0.isDigit || $0 == .dash || $0 == UInt8(ascii: ".") }.text
        rest = rest.dropFirst(word.utf8.count)
        return ["true", "false", "null"].contains(word) || (!word.isEmpty && Double(word) != nil)
    }

    private mutating func string() -> String? {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == .doubleQuote { return bytes.text }
            guard byte >= 0x20 else { return nil }
            guard byte == .backslash else {
                bytes.append(byte)
                continue
            }
            guard let escaped = escaped() else { return nil }
            bytes += Array(escaped.utf8)
        }
        return nil
    }

    private mutating func escaped() -> String? {
        let plain: [Character: String] = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t",
        ]
        guard let byte = rest.popFirst() else { return nil }
        let character = Character(UnicodeScalar(byte))
        guard character == "u" else { return plain[character] }
        let digits = rest.prefix(4).compactMap(\.hexDigit)
        guard digits.count == 4 else { return nil }
        rest = rest.dropFirst(4)
        let code = digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1) }
        return String(Character(UnicodeScalar(code) ?? "\u{FFFD}"))
    }
}

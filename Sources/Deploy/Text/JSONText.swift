/// Any JSON (RFC 8259): a project's manifest, or the exec form of a Dockerfile's instruction.
indirect enum JSONText: Hashable {
    case string(String)
    case array([JSONText])
    case object([String: JSONText])
    /// A number, true, false, null.
    case word(String)

    /// nil for what is no JSON, or nested deeper than 64.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(rest: bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...])
        guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
        self = value
    }

    subscript(_ key: String) -> JSONText? { if case .object(let object) = self { object[key] } else { nil } }
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var object: [String: JSONText]? { if case .object(let object) = self { object } else { nil } }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool {
            mutating get {
                skip()
                return rest.isEmpty
            }
        }

        private mutating func skip() { rest = rest.drop { $0.isBlank || $0.isLineEnd } }

        private mutating func take(_ sign: Unicode.Scalar) -> Bool {
            skip()
            guard rest.first == UInt8(ascii: sign) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func value(depth: Int) -> JSONText? {
            guard depth < 64 else { return nil }
            if take("{") { return object(depth) }
            if take("[") { return array(depth) }
            if take("\"") { return text().map(JSONText.string) }
            let word = rest.prefix { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
            rest = rest.dropFirst(word.count)
            let isWord = isNumber(word) || ["true", "false", "null"].contains(word.text)
            return isWord ? .word(word.text) : nil
        }

        /// `Double` also reads `-inf`, `nan` and hexadecimal, which are no JSON.
        private func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
            let isPlain = word.allSatisfy { $0.isDigit || "+-.eE".utf8.contains($0) }
            return isPlain && word.first.map { $0.isDigit || $0 == .dash } == true && Double(word.text) != nil
        }

        private mutating func array(_ depth: Int) -> JSONText? {
            var items: [JSONText] = []
            if take("]") { return .array(items) }
            repeat {
                guard let item = value(depth: depth + 1) else { return nil }
                items.append(item)
            } while take(",")
            return take("]") ? .array(items) : nil
        }

        private mutating func object(_ depth: Int) -> JSONText? {
            var fields: [String: JSONText] = [:]
            if take("}") { return .object(fields) }
            repeat {
                guard take("\""), let key = text(), take(":"), let field = value(depth: depth + 1) else {
                    return nil
                }
                fields[key] = field
            } while take(",")
            return take("}") ? .object(fields) : nil
        }

        /// Behind the opening quote.
        private mutating func text() -> String? {
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
            guard byte == UInt8(ascii: "u") else { return plain[Character(UnicodeScalar(byte))] }
            let digits = rest.prefix(4).compactMap(\.hexDigit)
            guard digits.count == 4 else { return nil }
            rest = rest.dropFirst(4)
            let code = digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1) }
            return String(Character(UnicodeScalar(code) ?? "\u{FFFD}"))
        }
    }
}

/// The limits of the JSON parser.
package enum JSONLimit {
    /// The maximum size in bytes; responses of the Hub and of registries are limited to this, too.
    package static let size = 64 << 20
    /// The maximum nesting depth of arrays and objects.
    package static let depth = 64
    /// The maximum number of values.
    package static let values = 1_000_000
}

extension JSON {
    /// The reason why parsing failed.
    package enum ParseError: Error, Hashable {
        case notJSON
        case tooLong, tooDeep, tooManyValues

        /// The exceeded limit as a clause; `nil` if the input is not valid JSON.
        package var exceededLimit: String? {
            switch self {
            case .notJSON: nil
            case .tooLong: "it has more than \(JSONLimit.size.asSize)"
            case .tooDeep: "it has more than \(JSONLimit.depth) levels"
            case .tooManyValues: "it has more than \(JSONLimit.values) values"
            }
        }
    }

    /// Parses JSON; `nil` if the bytes are not valid JSON or exceed a limit.
    package init?(_ bytes: [UInt8]) {
        do throws(ParseError) { self = try Self.parse(bytes) } catch { return nil }
    }

    package static func parse(_ bytes: [UInt8]) throws(ParseError) -> JSON {
        guard bytes.count <= JSONLimit.size else { throw .tooLong }
        var parser = Parser(
            remaining: bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...])
        guard let value = parser.parseValue(depth: 0), parser.isAtEnd else {
            throw parser.exceededLimit ?? .notJSON
        }
        return value
    }

    private struct Parser {
        var remaining: ArraySlice<UInt8>
        private var count = 0
        /// The exceeded limit that ended parsing; `nil` if none.
        private(set) var exceededLimit: ParseError?

        init(remaining: ArraySlice<UInt8>) { self.remaining = remaining }

        var isAtEnd: Bool {
            mutating get {
                skipWhitespace()
                return remaining.isEmpty
            }
        }

        private mutating func skipWhitespace() { remaining = remaining.drop { $0.isBlank || $0.isLineEnd } }

        private mutating func consume(_ sign: Unicode.Scalar) -> Bool {
            skipWhitespace()
            guard remaining.first == UInt8(ascii: sign) else { return false }
            remaining.removeFirst()
            return true
        }

        mutating func parseValue(depth: Int) -> JSON? {
            count += 1
            guard depth < JSONLimit.depth, count <= JSONLimit.values else {
                exceededLimit = count > JSONLimit.values ? .tooManyValues : .tooDeep
                return nil
            }
            if consume("{") { return parseObject(depth) }
            if consume("[") { return parseArray(depth) }
            if consume("\"") { return parseString().map(JSON.string) }
            let word = remaining.prefix { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
            remaining = remaining.dropFirst(word.count)
            switch word.text {
            case "true": return .bool(true)
            case "false": return .bool(false)
            case "null": return .null
            case let text: return parseNumber(text)
            }
        }

        /// `Double` also reads `-inf`, `nan` and hexadecimal, which are not JSON.
        private func parseNumber(_ text: String) -> JSON? {
            let isPlain = text.utf8.allSatisfy { $0.isDigit || "+-.eE".utf8.contains($0) }
            guard isPlain, text.utf8.first.map({ $0.isDigit || $0 == .dash }) == true else { return nil }
            return Int(text).map(JSON.int) ?? Double(text).map(JSON.number)
        }

        private mutating func parseArray(_ depth: Int) -> JSON? {
            var items: [JSON] = []
            if consume("]") { return .array(items) }
            repeat {
                guard let item = parseValue(depth: depth + 1) else { return nil }
                items.append(item)
            } while consume(",")
            return consume("]") ? .array(items) : nil
        }

        private mutating func parseObject(_ depth: Int) -> JSON? {
            var fields = JSON.Object()
            if consume("}") { return .object(fields) }
            repeat {
                guard consume("\""), let key = parseString(), consume(":"),
                    let field = parseValue(depth: depth + 1)
                else {
                    return nil
                }
                fields[key] = field
            } while consume(",")
            return consume("}") ? .object(fields) : nil
        }

        /// Parses a string after the opening quote.
        private mutating func parseString() -> String? {
            var bytes: [UInt8] = []
            while let byte = remaining.popFirst() {
                if byte == .doubleQuote { return bytes.text }
                guard byte >= 0x20 else { return nil }
                guard byte == .backslash else {
                    bytes.append(byte)
                    continue
                }
                guard let escaped = parseEscape() else { return nil }
                bytes += Array(escaped.utf8)
            }
            return nil
        }

        private mutating func parseEscape() -> String? {
            guard let byte = remaining.popFirst() else { return nil }
            guard byte == UInt8(ascii: "u") else { return Self.escapes[byte] }
            guard var code = parseCodeUnit() else { return nil }
            // The two halves of a surrogate pair are one scalar.
            let beforeLow = remaining
            if (0xD800..<0xDC00).contains(code), remaining.starts(with: [.backslash, UInt8(ascii: "u")]) {
                remaining = remaining.dropFirst(2)
                if let low = parseCodeUnit(), (0xDC00..<0xE000).contains(low) {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    remaining = beforeLow
                }
            }
            return String(Character(UnicodeScalar(code) ?? "\u{FFFD}"))
        }

        private mutating func parseCodeUnit() -> UInt32? {
            let digits = remaining.prefix(4).compactMap(\.hexDigit)
            guard digits.count == 4 else { return nil }
            remaining = remaining.dropFirst(4)
            return digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1) }
        }

        private static let escapes: [UInt8: String] = [
            .doubleQuote: "\"", .backslash: "\\", .slash: "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r",
            UInt8(ascii: "t"): "\t",
        ]
    }
}

/// How much JSON is read.
package enum JSONLimit {
    /// Bytes; the Hub's and the registries' responses are limited to this, too.
    package static let size = 64 << 20
    /// Arrays and objects within each other.
    package static let depth = 64
    /// Values of all kinds.
    package static let values = 1_000_000
}

/// A JSON value (RFC 8259): a project's manifest, the exec form of a Dockerfile's instruction, a body of the Hub's API.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Why bytes are not read as JSON.
    package enum Fault: Error, Hashable {
        case notJSON
        case tooLong, tooDeep, tooManyValues

        /// What it has too much of, with the limit; `nil` for what is no JSON.
        package var excess: String? {
            switch self {
            case .notJSON: nil
            case .tooLong: "it has more than \(JSONLimit.size.asSize)"
            case .tooDeep: "it has more than \(JSONLimit.depth) levels"
            case .tooManyValues: "it has more than \(JSONLimit.values) values"
            }
        }
    }

    /// nil for what is no JSON, or exceeds a limit.
    package init?(_ bytes: [UInt8]) {
        do throws(Fault) { self = try Self.read(bytes) } catch { return nil }
    }

    package static func read(_ bytes: [UInt8]) throws(Fault) -> JSON {
        guard bytes.count <= JSONLimit.size else { throw .tooLong }
        var reader = Reader(rest: bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...])
        guard let value = reader.value(depth: 0), reader.isAtEnd else { throw reader.excess ?? .notJSON }
        return value
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>
        private var count = 0
        /// The limit at which reading ended.
        private(set) var excess: Fault?

        init(rest: ArraySlice<UInt8>) { self.rest = rest }

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

        mutating func value(depth: Int) -> JSON? {
            count += 1
            guard depth < JSONLimit.depth, count <= JSONLimit.values else {
                excess = count > JSONLimit.values ? .tooManyValues : .tooDeep
                return nil
            }
            if take("{") { return object(depth) }
            if take("[") { return array(depth) }
            if take("\"") { return text().map(JSON.string) }
            let word = rest.prefix { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
            rest = rest.dropFirst(word.count)
            switch word.text {
            case "true": return .bool(true)
            case "false": return .bool(false)
            case "null": return .null
            case let text: return number(text).map(JSON.number)
            }
        }

        /// `Double` also reads `-inf`, `nan` and hexadecimal, which are not JSON.
        private func number(_ text: String) -> Double? {
            let isPlain = text.utf8.allSatisfy { $0.isDigit || "+-.eE".utf8.contains($0) }
            guard isPlain, text.utf8.first.map({ $0.isDigit || $0 == .dash }) == true else { return nil }
            return Double(text)
        }

        private mutating func array(_ depth: Int) -> JSON? {
            var items: [JSON] = []
            if take("]") { return .array(items) }
            repeat {
                guard let item = value(depth: depth + 1) else { return nil }
                items.append(item)
            } while take(",")
            return take("]") ? .array(items) : nil
        }

        private mutating func object(_ depth: Int) -> JSON? {
            var fields: [String: JSON] = [:]
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
            guard let byte = rest.popFirst() else { return nil }
            guard byte == UInt8(ascii: "u") else { return Self.escapes[byte] }
            guard var code = unit() else { return nil }
            // Two halves of a surrogate pair are one character.
            let before = rest
            if (0xD800..<0xDC00).contains(code), rest.starts(with: [.backslash, UInt8(ascii: "u")]) {
                rest = rest.dropFirst(2)
                if let low = unit(), (0xDC00..<0xE000).contains(low) {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    rest = before
                }
            }
            return String(Character(UnicodeScalar(code) ?? "\u{FFFD}"))
        }

        private mutating func unit() -> UInt32? {
            let digits = rest.prefix(4).compactMap(\.hexDigit)
            guard digits.count == 4 else { return nil }
            rest = rest.dropFirst(4)
            return digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1) }
        }

        private static let escapes: [UInt8: String] = [
            .doubleQuote: "\"", .backslash: "\\", .slash: "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r",
            UInt8(ascii: "t"): "\t",
        ]
    }
}

extension JSON {
    /// A member of an object; `null` if the value is not an object or has no such member.
    package subscript(_ key: String) -> JSON {
        get { if case .object(let members) = self { members[key] ?? .null } else { .null } }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }

    package var isNull: Bool { self == .null }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// A whole number that fits.
    package var int: Int? { number.flatMap { Int(exactly: $0) } }
    package var array: [JSON]? { if case .array(let values) = self { values } else { nil } }
    package var object: [String: JSON]? { if case .object(let members) = self { members } else { nil } }

    package static func int(_ number: Int) -> JSON { .number(Double(number)) }

    /// An object without the members that are `nil`.
    package static func members(_ pairs: KeyValuePairs<String, JSON?>) -> JSON {
        .object(Dictionary(pairs.compactMap { key, value in value.map { (key, $0) } }) { _, last in last })
    }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral bool: Bool) { self = .bool(bool) }
    package init(integerLiteral number: Int) { self = .int(number) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral values: JSON...) { self = .array(values) }
    package init(dictionaryLiteral pairs: (String, JSON)...) {
        self = .object(Dictionary(pairs) { _, last in last })
    }
}

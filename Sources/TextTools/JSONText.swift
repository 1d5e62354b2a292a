/// How much JSON is read.
package enum JSONLimit {
    /// Bytes; the Hub's and the registries' responses are limited to this, too.
    package static let size = 64 << 20
    /// Arrays and objects within each other.
    package static let depth = 64
    /// Values of all kinds.
    package static let values = 1_000_000
}

/// Any JSON (RFC 8259): a project's manifest, the exec form of a Dockerfile's instruction, a response of the Hub.
package indirect enum JSONText: Hashable, Sendable {
    case string(String)
    case array([JSONText])
    case object([String: JSONText])
    /// A number, true, false, null.
    case word(String)

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

    package static func read(_ bytes: [UInt8]) throws(Fault) -> JSONText {
        guard bytes.count <= JSONLimit.size else { throw .tooLong }
        var reader = Reader(rest: bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...])
        guard let value = reader.value(depth: 0), reader.isAtEnd else { throw reader.excess ?? .notJSON }
        return value
    }

    package subscript(_ key: String) -> JSONText? {
        if case .object(let object) = self { object[key] } else { nil }
    }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var object: [String: JSONText]? { if case .object(let object) = self { object } else { nil } }

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

        mutating func value(depth: Int) -> JSONText? {
            count += 1
            guard depth < JSONLimit.depth, count <= JSONLimit.values else {
                excess = count > JSONLimit.values ? .tooManyValues : .tooDeep
                return nil
            }
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

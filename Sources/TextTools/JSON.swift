/// A JSON value (RFC 8259), for example a project's manifest, a body of the Hub's API, or an event of
/// `--json`.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without a fraction; the parser and `number(_:)` prefer it to `double`.
    case int(Int)
    /// A number that is written with a decimal point or an exponent.
    case double(Double)
    case string(String)
    case array([JSON])
    case object(Object)

    /// The members of an object, in the order in which they are written. A repeated key has its last
    /// value. Objects with the same members in different orders are equal.
    package struct Object: Hashable, Sendable {
        package private(set) var keys: [String] = []
        private var values: [String: JSON] = [:]

        package init() {}

        package init(_ members: some Sequence<(String, JSON)>) {
            for (key, value) in members { self[key] = value }
        }

        /// The value of a key; setting `nil` removes the member.
        package subscript(_ key: String) -> JSON? {
            get { values[key] }
            set {
                let old = values[key]
                values[key] = newValue
                if old == nil, newValue != nil { keys.append(key) }
                if old != nil, newValue == nil { keys.removeAll { $0 == key } }
            }
        }

        /// Returns the members of both objects; those of the second one win.
        package static func + (left: Object, right: Object) -> Object {
            var sum = left
            for (key, value) in right { sum[key] = value }
            return sum
        }

        package func compactMapValues<Value>(_ transform: (JSON) -> Value?) -> [String: Value] {
            values.compactMapValues(transform)
        }

        package static func == (left: Object, right: Object) -> Bool { left.values == right.values }
        package func hash(into hasher: inout Hasher) { hasher.combine(values) }
    }
}

extension JSON.Object: Sequence, ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSON)...) { self.init(members) }

    package var count: Int { keys.count }

    package func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
        keys.lazy.map { (key: $0, value: values[$0] ?? .null) }.makeIterator()
    }
}

extension JSON {
    /// Accesses a member of an object; `null` if the value is not an object or has no such member.
    package subscript(_ key: String) -> JSON {
        get { if case .object(let members) = self { members[key] ?? .null } else { .null } }
        set {
            guard case .object(var members) = self else { return }
            // Releases the members, so that they are changed in place and not copied.
            self = .null
            members[key] = newValue
            self = .object(members)
        }
    }

    package var isNull: Bool { self == .null }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    package var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }
    /// The number if it is an integer in the range of `Int`; `nil` otherwise.
    package var int: Int? {
        if case .int(let number) = self { number } else { number.flatMap { Int(exactly: $0) } }
    }
    package var array: [JSON]? { if case .array(let values) = self { values } else { nil } }
    package var object: Object? { if case .object(let members) = self { members } else { nil } }

    /// Returns a number that is written without a decimal point if it is an integer.
    package static func number(_ number: Double) -> JSON {
        Int(exactly: number).map(JSON.int) ?? .double(number)
    }

    /// Returns the description of a value as a string; `null` for `nil`.
    package static func optional(_ value: (some CustomStringConvertible)?) -> JSON {
        value.map { .string($0.description) } ?? .null
    }

    /// An object without the members that are `nil`.
    package static func members(_ pairs: KeyValuePairs<String, JSON?>) -> JSON {
        .object(Object(pairs.compactMap { key, value in value.map { (key, $0) } }))
    }

    /// The value with the members of all objects sorted by key.
    package var sortedByKey: JSON {
        switch self {
        case .null, .bool, .int, .double, .string: self
        case .array(let values): .array(values.map(\.sortedByKey))
        case .object(let members):
            .object(Object(members.sorted { $0.key < $1.key }.map { ($0, $1.sortedByKey) }))
        }
    }

    /// The value as JSON on one line, with the members of objects in their order.
    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .int(let number): text += "\(number)"
        case .double(let number): text += number.isFinite ? "\(number)" : "null"
        case .string(let string): Self.write(string, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    /// Writes a string with quotes and escapes (RFC 8259 7).
    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral bool: Bool) { self = .bool(bool) }
    package init(integerLiteral number: Int) { self = .int(number) }
    package init(arrayLiteral values: JSON...) { self = .array(values) }
    package init(dictionaryLiteral members: (String, JSON)...) { self = .object(Object(members)) }
}

extension JSON: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .int(number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let values = try? container.decode([JSON].self) {
            self = .array(values)
        } else {
            let members = try container.decode([String: JSON].self)
            self = .object(Object(members.sorted { $0.key < $1.key }.map { ($0, $1) }))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .int(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members.compactMapValues { $0 })
        }
    }
}

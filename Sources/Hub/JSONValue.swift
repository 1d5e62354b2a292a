import Essentials
import TextTools

/// Any JSON, read without expectations: fields come and go at the Hub, and a missing one must not break a deploy.
package enum JSONValue: Hashable, Sendable, Codable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .number(let number): try value.encode(number)
        case .string(let string): try value.encode(string)
        case .array(let array): try value.encode(array)
        case .object(let object): try value.encode(object)
        }
    }

    /// nil when the bytes are no JSON, or exceed `JSONLimit`.
    package init?(_ data: Data) {
        do throws(JSONText.Fault) { self = try Self.read(data) } catch { return nil }
    }

    /// What JSON has too much of, with the limit, in one line; none for what is within the limits, or no JSON.
    package static func excess(of data: Data) -> [String] {
        do throws(JSONText.Fault) { _ = try JSONText.read(Array(data)) } catch {
            return error.excess.map { ["the JSON is over a limit: \($0)"] } ?? []
        }
        return []
    }

    package static func read(_ data: Data) throws(JSONText.Fault) -> JSONValue {
        JSONValue(try JSONText.read(Array(data)))
    }

    private init(_ text: JSONText) {
        switch text {
        case .string(let string): self = .string(string)
        case .array(let items): self = .array(items.map(JSONValue.init))
        case .object(let object): self = .object(object.mapValues(JSONValue.init))
        case .word("true"): self = .bool(true)
        case .word("false"): self = .bool(false)
        case .word(let word): self = Double(word).map(JSONValue.number) ?? .null
        }
    }

    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let object) = self, let value = object[key], value != .null else { return nil }
        return value
    }

    package var string: String? { if case .string(let string) = self { string } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    package var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
    package var object: [String: JSONValue]? { if case .object(let object) = self { object } else { nil } }

    /// Whole numbers without a point, keys in order.
    package var data: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)) ?? Data()
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral bool: Bool) { self = .bool(bool) }
    package init(integerLiteral number: Int) { self = .number(Double(number)) }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    package init(dictionaryLiteral pairs: (String, JSONValue)...) { self = .object(Dictionary(pairs) { $1 }) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

import TextTools

/// A parsed YAML value, with the information needed to compare values by meaning.
package indirect enum YAMLNode: Hashable, Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode], tag: String? = nil)
    case mapping([Pair], tag: String? = nil)
    /// An unresolved `*name`; the resolved value may be far larger than the text.
    case alias(String)

    package struct Pair: Hashable, Sendable {
        package var key: YAMLNode
        package var value: YAMLNode
    }

    /// The value of a key without a value.
    static let null = YAMLNode.scalar(YAMLScalar(text: "", isPlain: true))

    package var scalar: YAMLScalar? {
        if case .scalar(let scalar) = self { scalar } else { nil }
    }

    /// The names of all `*aliases` in the value.
    package var aliases: [String] {
        switch self {
        case .scalar: []
        case .alias(let name): [name]
        case .sequence(let items, _): items.flatMap(\.aliases)
        case .mapping(let pairs, _): pairs.flatMap { $0.key.aliases + $0.value.aliases }
        }
    }

    func tagged(_ tag: String?) -> YAMLNode {
        guard let tag else { return self }
        switch self {
        case .scalar(var scalar):
            scalar.tag = tag
            return .scalar(scalar)
        case .sequence(let items, _): return .sequence(items, tag: tag)
        case .mapping(let pairs, _): return .mapping(pairs, tag: tag)
        case .alias: return self
        }
    }
}

/// A decoded YAML scalar. Two scalars are equal if they mean the same: quotes matter only if the
/// plain text would be a number, a Boolean, a date or null.
package struct YAMLScalar: Hashable, Sendable {
    package var text: String
    package var tag: String?
    /// Whether the text is unquoted and is parsed as something other than a string.
    package private(set) var isTyped: Bool

    init(text: String, isPlain: Bool) {
        (self.text, isTyped) = (text, isPlain && Self.isTyped(text))
    }

    package var isNull: Bool { isTyped && tag == nil && ["", "~", "null", "Null", "NULL"].contains(text) }
    /// The Boolean value, if YAML 1.1 and 1.2 agree on it.
    package var bool: Bool? {
        guard isTyped, tag == nil else { return nil }
        return ["true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false][
            text]
    }
    /// The integer value of decimal digits.
    package var integer: Int? {
        guard isTyped, tag == nil else { return nil }
        let digits = text.utf8.first == UInt8(ascii: "+") ? String(text.dropFirst()) : text
        return Int(digits)
    }
    package var isString: Bool { !isTyped && (tag == nil || tag == "!!str") || tag == "!!str" }

    private static let reservedWords: Set<String> = [
        "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<",
    ]
    private static let typedCharacters = Set("0123456789abcdefoxintzABCDEFOXINTZ_.+-: \t".utf8)

    /// Whether YAML 1.1 or 1.2 may parse the plain text as something other than a string; true in
    /// doubtful cases.
    private static func isTyped(_ text: String) -> Bool {
        if text.utf8.count <= 5, reservedWords.contains(text.lowercased()) { return true }
        let unsigned = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == .dash }
        guard let first = unsigned.first, first.isDigit || first == UInt8(ascii: ".") else { return false }
        return text.utf8.allSatisfy(typedCharacters.contains)
    }
}

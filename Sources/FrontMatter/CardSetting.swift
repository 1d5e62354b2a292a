import TextTools

/// A `card = KEY: VALUE` of the settings: a key of the Hub's card, and its value as YAML.
package struct CardSetting: Hashable, Sendable {
    package let key: String
    /// The value as written into the README.
    package let raw: String

    /// Parses `KEY: VALUE`. A text that YAML would misread (`My app: the best`, `50% off`, `@me`)
    /// is quoted; numbers, Booleans, lists and quoted texts are kept as written.
    /// - Throws: `CardError` if the text is not a valid setting.
    package init(_ text: String) throws(CardError) {
        let bytes = Array(text.utf8)[...].trimmingBlanks
        guard let colon = bytes.firstIndex(of: .colon) else {
            throw CardError("\u{201C}\(text)\u{201D} has no colon; write KEY: VALUE, as in app_port: 7860")
        }
        let name = Self.unquoted(bytes[..<colon].trimmingBlanks)
        guard let first = name.first, !first.isDigit, first != .dash, name.allSatisfy(Self.isKeyByte)
        else {
            throw CardError(
                "\u{201C}\(name.text)\u{201D} is not a valid card key; write KEY: VALUE, as in app_port: 7860"
            )
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == .tab }) else {
            throw CardError(key: name.text, "\(name.text): the value contains a control character")
        }
        (key, raw) = (name.text, Self.yamlText(bytes[(colon + 1)...].trimmingBlanks.text))
    }

    /// Creates a setting with a string value, quoted if necessary.
    package init(key: String, string: String) { (self.key, raw) = (key, YAMLText.string(string)) }

    /// Creates a setting with a value that is already YAML.
    package init(key: String, raw: String) { (self.key, self.raw) = (key, raw) }

    private static func yamlText(_ value: String) -> String {
        let document = CardDocument(Array("---\nvalue: \(value)\n---\n".utf8))
        let isReadVerbatim = document.syntaxErrors.isEmpty && (document.rawText("value") ?? "") == value
        let special = Set("&*!|>".utf8)
        let isSpecial = value.utf8.first.map(special.contains) ?? false
        return isReadVerbatim && !isSpecial ? value : YAMLText.quoted(value)
    }

    private static func unquoted(_ key: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isQuoted =
            key.count > 1 && key.first == key.last && (key.first == .quote || key.first == .doubleQuote)
        return isQuoted ? key.dropFirst().dropLast() : key
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") || byte == .dash
            || byte == UInt8(ascii: ".")
    }
}

/// An error in a card: invalid front matter, or a value that the Hub would refuse.
package struct CardError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Line of the README, from 1; `nil` if the error belongs to no line.
    package var line: Int?
    /// The top-level key; `nil` if the error belongs to no key.
    package var key: String?
    /// The description of the error, as the Hub phrases it if it has a message for it.
    package var reason: String

    package init(line: Int? = nil, key: String? = nil, _ reason: String) {
        (self.line, self.key, self.reason) = (line, key, reason)
    }

    package var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}

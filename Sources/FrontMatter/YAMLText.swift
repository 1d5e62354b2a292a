import TextTools

/// Formats YAML.
package enum YAMLText {
    /// Returns a value that YAML parses as exactly this string, quoted only if necessary.
    package static func string(_ text: String) -> String {
        isPlainString(text) ? text : quoted(text)
    }

    /// Returns a key, quoted only if necessary.
    static func key(_ text: String) -> String {
        let isSimple = text.utf8.allSatisfy {
            $0.isLetter || $0.isDigit || $0 == .dash || $0 == UInt8(ascii: "_")
        }
        return isSimple && isPlainString(text) ? text : quoted(text)
    }

    private static func isPlainString(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return false }
        let node = try? CardDocument.parseValue(of: text, key: "value")
        return node == .scalar(YAMLScalar(text: text, isPlain: false))
    }

    /// Returns the text in double quotes, or in single quotes if that avoids escapes.
    static func quoted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let hasControls = bytes.contains { $0 < 0x20 || $0 == 0x7f }
        if !hasControls, bytes.contains(where: { $0 == .doubleQuote || $0 == .backslash }) {
            return "'" + bytes.flatMap { $0 == .quote ? [.quote, .quote] : [$0] }.text + "'"
        }
        return "\"" + bytes.flatMap(escaped).text + "\""
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case .doubleQuote, .backslash: [.backslash, byte]
        case .newline: Array("\\n".utf8)
        case .tab: Array("\\t".utf8)
        case 0..<0x20, 0x7f: Array("\\x".utf8) + Array([byte].hex.utf8)
        default: [byte]
        }
    }
}

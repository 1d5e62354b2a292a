import TextTools

extension Path {
    /// The path for display, like Git with `core.quotePath=off` (`git help config`). It is quoted
    /// and escaped as in C if a control character, a quote, a backslash, a byte that is not UTF-8,
    /// or an invisible character (`Unicode.Scalar.isHidden`) could make it look like another name.
    package var shown: String {
        let text = String(validating: bytes, as: UTF8.self)
        let isText = text != nil
        if let text, text.unicodeScalars.contains(where: { !$0.isASCII && $0.isHidden }) {
            return Self.quoted(text)
        }
        let needsQuotes = !isText || bytes.contains { Self.escape($0) != nil }
        guard needsQuotes else { return description }
        let escaped = bytes.reduce(into: [UInt8]()) { result, byte in
            let escape = Self.escape(byte) ?? (isText || byte < 0x80 ? nil : Self.octal(byte))
            result += escape.map { Array($0.utf8) } ?? [byte]
        }
        return "\"\(String(decoding: escaped, as: UTF8.self))\""
    }

    private static func quoted(_ text: String) -> String {
        let parts = text.unicodeScalars.map { scalar -> String in
            guard scalar.isHidden || scalar.isASCII else { return String(scalar) }
            return String(scalar).utf8.map { byte in
                escape(byte) ?? (byte < 0x80 ? String(UnicodeScalar(byte)) : octal(byte))
            }.joined()
        }
        return "\"\(parts.joined())\""
    }

    /// Returns the C escape sequence of a byte that is invisible or ambiguous; `nil` for any other byte.
    static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 7: "\\a"
        case 8: "\\b"
        case 9: "\\t"
        case 10: "\\n"
        case 11: "\\v"
        case 12: "\\f"
        case 13: "\\r"
        case 0..<32, 127: octal(byte)
        default: nil
        }
    }

    static func octal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// A gitignore pattern for this path, anchored at the root, that needs no quoting in a settings
    /// file or on a command line: characters that are special there are replaced by `?`.
    package var pattern: String {
        let special = Set("*[\\\"#;'".unicodeScalars)
        let plain = description.unicodeScalars.map { scalar in
            let isPlain = scalar == " " || !(scalar.isHidden || special.contains(scalar))
            return isPlain ? String(scalar) : String(repeating: "?", count: String(scalar).utf8.count)
        }
        return "/" + plain.joined()
    }
}

extension StringProtocol {
    /// Returns the text without spaces and tabs at both ends, as Foundation's `CharacterSet.whitespaces`.
    package func trimmingSpaces() -> String { trimming(\.isSpaceOrTab) }

    /// Returns the text without spaces, tabs and line ends at both ends, as Foundation's
    /// `CharacterSet.whitespacesAndNewlines`.
    package func trimmingWhitespace() -> String { trimming { $0.isSpaceOrTab || $0.isLineEnd } }

    /// Returns the text without the brackets of an IPv6 address in a URL (RFC 3986 3.2.2).
    package func trimmingBrackets() -> String { trimming { $0 == "[" || $0 == "]" } }

    /// Returns the text without the scalars at both ends for which `isSurplus` is true.
    package func trimming(_ isSurplus: (Unicode.Scalar) -> Bool) -> String {
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !isSurplus($0) }),
            let last = scalars.lastIndex(where: { !isSurplus($0) })
        else { return "" }
        return String(self[start..<scalars.index(after: last)])
    }
}

extension StringProtocol {
    /// Returns the text with each occurrence of `old` replaced by `new`. Compares bytes, so that an
    /// occurrence that ends within a character is replaced, too.
    package func replacingEach(_ old: String, with new: String) -> String {
        String(decoding: Array(utf8).replacing(Array(old.utf8), with: Array(new.utf8)), as: UTF8.self)
    }
}

extension Unicode.Scalar {
    /// A tab, a space separator (Zs), or the zero width space.
    fileprivate var isSpaceOrTab: Bool {
        switch value {
        case 0x09, 0x20, 0xA0, 0x1680, 0x2000...0x200B, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    fileprivate var isLineEnd: Bool {
        switch value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

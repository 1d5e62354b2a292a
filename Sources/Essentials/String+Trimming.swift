extension StringProtocol {
    /// Without spaces and tabs at both ends: `CharacterSet.whitespaces` of Foundation.
    package func trimmingSpaces() -> String { trimming(\.isSpaceOrTab) }

    /// Without spaces, tabs and line ends at both ends: `CharacterSet.whitespacesAndNewlines` of Foundation.
    package func trimmingWhitespace() -> String { trimming { $0.isSpaceOrTab || $0.isLineEnd } }

    /// Without the brackets of an IPv6 address in a URL (RFC 3986 3.2.2).
    package func trimmingBrackets() -> String { trimming { $0 == "[" || $0 == "]" } }

    /// Without the scalars at both ends that are surplus.
    package func trimming(_ isSurplus: (Unicode.Scalar) -> Bool) -> String {
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !isSurplus($0) }),
            let last = scalars.lastIndex(where: { !isSurplus($0) })
        else { return "" }
        return String(self[start..<scalars.index(after: last)])
    }
}

extension StringProtocol {
    /// With another text in place of each occurrence of one, byte by byte: also where an occurrence ends within a
    /// character.
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

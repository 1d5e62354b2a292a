/// Operations on paths as text, without access to the file system.
extension String {
    /// The last component, without trailing slashes; `/` for the root, empty for an empty path.
    package var lastPathComponent: String { pathComponents.last ?? (hasPrefix("/") ? "/" : "") }

    /// The parent directory; `/` for the root, empty for a relative path of one component.
    package var deletingLastPathComponent: String {
        (utf8.first == slash ? "/" : "") + pathComponents.dropLast().joined(separator: "/")
    }

    /// The path with a leading `~` or `~user` replaced by the home directory; unchanged if there is no
    /// such user.
    package var expandingTilde: String {
        guard utf8.first == UInt8(ascii: "~") else { return self }
        let end = utf8.firstIndex(of: slash) ?? endIndex
        let user = String(self[utf8.index(after: startIndex)..<end])
        let home = user.isEmpty ? homeDirectory() : FileManager.default.homeDirectory(forUser: user)?.path
        return home.map { ($0 == "/" && end != endIndex ? "" : $0) + self[end...] } ?? self
    }

    /// The text quoted as one word of a shell command.
    package var shellQuoted: String {
        let isSafe =
            !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                    UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
        return isSafe ? self : "'" + replacingEach("'", with: #"'\''"#) + "'"
    }

    private var pathComponents: [String] { utf8.split(separator: slash).map { String(Substring($0)) } }
}

private let slash = UInt8(ascii: "/")

/// Returns the home directory of this process's user: `HOME`, or the entry in the system's user database.
package func homeDirectory() -> String { FileManager.default.homeDirectoryForCurrentUser.path }

/// Returns the directory for temporary files (`TMPDIR`, or `/tmp`), with a trailing slash.
package func temporaryDirectory() -> String {
    let path = FileManager.default.temporaryDirectory.path
    return path.hasSuffix("/") ? path : path + "/"
}

extension StringProtocol {
    /// The text with percent escapes such as `%41` decoded (RFC 3986 2.1); `nil` if an escape is
    /// incomplete or the result is not UTF-8.
    package var percentDecoded: String? {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        var bytes: [UInt8] = []
        var remaining = Array(utf8)[...]
        while let byte = remaining.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = remaining.popFirst().flatMap(hexadecimal),
                let low = remaining.popFirst().flatMap(hexadecimal)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Returns the text with all bytes percent-encoded except ASCII letters, digits and the `allowed`
    /// characters (RFC 3986 2.1).
    package func percentEncoded(keeping allowed: String = "") -> String {
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
            case _ where byte < 0x80 && allowed.utf8.contains(byte): bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

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

    /// Returns the text with each occurrence of `old` replaced by `new`. Compares bytes, so that an
    /// occurrence that ends within a character is replaced, too.
    package func replacingEach(_ old: String, with new: String) -> String {
        String(decoding: Array(utf8).replacing(Array(old.utf8), with: Array(new.utf8)), as: UTF8.self)
    }
}

private let digits = Array("0123456789ABCDEF".utf8)

private func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
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

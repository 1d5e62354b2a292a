import TextTools

/// A path, or a single name, inside a Git tree: bytes compared as bytes, as Git does. A Swift
/// `String` would treat two encodings of "é" as the same name, and cannot represent a name that is
/// not UTF-8.
package struct Path: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    @inlinable package init(bytes: [UInt8]) { self.bytes = bytes }
    @inlinable package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    /// The maximum length of a path (`PATH_MAX`) and of a name (`NAME_MAX`) in bytes, beyond which
    /// no file system of a build or clone supports them.
    package static let (maxLength, maxNameLength) = (4_096, 255)

    /// The root of a tree: the empty path.
    package static let root = Path(bytes: [])
    @inlinable package var isRoot: Bool { bytes.isEmpty }

    /// The path's components, in order; none for the root.
    package var names: [Path] {
        bytes.split(separator: UInt8(ascii: "/")).map { Path(bytes: Array($0)) }
    }
    /// The last component.
    package var name: Path {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return self }
        return slash == bytes.count - 1 ? names.last ?? .root : Path(bytes: Array(bytes[(slash + 1)...]))
    }
    /// The parent directory.
    package var parent: Path {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return .root }
        let isPlain = slash > 0 && slash < bytes.count - 1 && bytes[slash - 1] != Self.slash
        return isPlain ? Path(bytes: Array(bytes[..<slash])) : Path(joining: names.dropLast())
    }

    private static let slash = UInt8(ascii: "/")

    @inlinable package init(joining names: some Sequence<Path>) {
        bytes = Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    }

    @inlinable package func appending(_ name: Path) -> Path {
        isRoot ? name : Path(bytes: bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// Returns whether `other` is this path or below it; everything is below the root.
    package func contains(_ other: Path) -> Bool {
        if isRoot || self == other { return true }
        return other.bytes.count > bytes.count && other.bytes[bytes.count] == UInt8(ascii: "/")
            && other.bytes.starts(with: bytes)
    }

    @inlinable package static func < (left: Path, right: Path) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Path: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.init(text) }
    /// The path as text; bytes that are not UTF-8 are replaced by U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Path {
    /// The path and its parents below the root, beginning with the topmost.
    package var levels: [Path] {
        guard !isRoot else { return [] }
        let slashes = bytes.indices.filter { bytes[$0] == .slash }
        return slashes.map { Path(bytes: Array(bytes[..<$0])) } + [self]
    }

    /// The letters and digits after the last dot of the name; `nil` if there are none.
    package var fileExtension: Path? {
        let name = name.bytes
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot < name.count - 1 else {
            return nil
        }
        let letters = name[(dot + 1)...]
        return letters.allSatisfy { $0.isLetter || $0.isDigit } ? Path(bytes: Array(letters)) : nil
    }

    /// Returns the path relative to a directory that contains it.
    package func removingPrefix(_ directory: Path) -> Path {
        directory.isRoot ? self : Path(bytes: Array(bytes.dropFirst(directory.bytes.count + 1)))
    }

    /// Returns this path with a path of several components appended.
    package func appending(inside path: Path) -> Path { Path(joining: names + path.names) }

    /// Parses a path typed by a user: slashes at either end and `./` are removed; `nil` if a
    /// component is `..`.
    package init?(tidy text: some StringProtocol) {
        let names = String(text).split(separator: "/").map { String($0) }.filter { $0 != "." }
        guard !names.contains("..") else { return nil }
        self.init(joining: names.map { (name: String) in Path(name) })
    }

    /// The path in one line of ASCII, as Git writes it: quoted and escaped as in C if necessary.
    package var quoted: String {
        let isPlain =
            bytes.allSatisfy { Self.quote($0) == nil } && bytes.first != .space && bytes.last != .space
        return isPlain ? description : "\"" + bytes.flatMap(Self.escaped).text + "\""
    }

    /// Returns a byte as written between Git's quotes.
    package static func escaped(_ byte: UInt8) -> [UInt8] { quote(byte).map { Array($0.utf8) } ?? [byte] }

    /// Returns the escape sequence of a byte, including non-ASCII bytes; `nil` if the byte needs no escape.
    package static func quote(_ byte: UInt8) -> String? { escape(byte) ?? (byte < 0x80 ? nil : octal(byte)) }

    /// Parses a path in the format of `quoted`; text that does not begin with a quote is used unchanged.
    package init(quoted text: some StringProtocol) {
        let textBytes = Array(text.utf8)
        guard textBytes.count > 1, textBytes.first == .doubleQuote, textBytes.last == .doubleQuote else {
            self.init(bytes: textBytes)
            return
        }
        var (bytes, remaining): ([UInt8], ArraySlice<UInt8>) = ([], textBytes.dropFirst().dropLast())
        while let byte = remaining.popFirst() {
            let digits = remaining.prefix(3)
            if byte != .backslash {
                bytes.append(byte)
            } else if digits.count == 3, let code = UInt8(digits.text, radix: 8) {
                bytes.append(code)
                remaining = remaining.dropFirst(3)
            } else if let next = remaining.popFirst() {
                bytes.append(Self.letters[next] ?? next)
            }
        }
        self.init(bytes: bytes)
    }

    /// The bytes of C's single-letter escape sequences: `n` for the line feed, and so on.
    private static let letters: [UInt8: UInt8] = Dictionary(
        zip("abtnvfr".utf8, [7, 8, 9, 10, 11, 12, 13])
    ) { first, _ in first }

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

/// Returns the candidate that `path` was most likely meant to be: one that differs by a few
/// characters, otherwise one with the same name in another directory; `nil` if there is none.
package func nearest(_ path: Path, among candidates: some Sequence<Path>) -> Path? {
    let candidates = Array(candidates)
    if let close = nearest(path.description, among: candidates.lazy.map(\.description)) {
        return candidates.first { $0.description == close }
    }
    let name = path.name.bytes.map(\.lowered)
    return candidates.first { $0.name.bytes.map(\.lowered) == name }
}

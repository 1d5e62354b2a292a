import TextTools

extension Path {
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
}

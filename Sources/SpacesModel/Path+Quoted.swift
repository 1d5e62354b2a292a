import TextTools

extension Path {
    /// On one line of plain ASCII, as Git writes it: what is more than that in quotes, escaped as in C.
    package var quoted: String {
        let isPlain =
            bytes.allSatisfy { Self.quote($0) == nil } && bytes.first != .space && bytes.last != .space
        return isPlain ? description : "\"" + bytes.flatMap(Self.escaped).text + "\""
    }

    /// A byte as it stands between Git's quotes.
    package static func escaped(_ byte: UInt8) -> [UInt8] { quote(byte).map { Array($0.utf8) } ?? [byte] }

    /// Of bytes that are not ASCII too; nil for one that stands for itself.
    package static func quote(_ byte: UInt8) -> String? { escape(byte) ?? (byte < 0x80 ? nil : octal(byte)) }

    /// Reads what `quoted` wrote; what does not begin with a quote is taken as it is.
    package init(quoted text: some StringProtocol) {
        let written = Array(text.utf8)
        guard written.count > 1, written.first == .doubleQuote, written.last == .doubleQuote else {
            self.init(bytes: written)
            return
        }
        var (bytes, rest): ([UInt8], ArraySlice<UInt8>) = ([], written.dropFirst().dropLast())
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte != .backslash {
                bytes.append(byte)
            } else if digits.count == 3, let code = UInt8(digits.text, radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else if let next = rest.popFirst() {
                bytes.append(Self.letters[next] ?? next)
            }
        }
        self.init(bytes: bytes)
    }

    /// `n` for the line feed, and so on.
    private static let letters: [UInt8: UInt8] = Dictionary(
        zip("abtnvfr".utf8, [7, 8, 9, 10, 11, 12, 13])
    ) { first, _ in first }
}

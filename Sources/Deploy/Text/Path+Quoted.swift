extension Path {
    /// On one line, as Git writes it: what is not plain ASCII in C's quotes, bytes as octal numbers.
    var quoted: String { isPlain ? description : "\"" + bytes.flatMap(\.escaped).text + "\"" }

    private var isPlain: Bool { bytes.allSatisfy(\.isPlain) && bytes.first != .space && bytes.last != .space }

    /// Reads what `quoted` wrote; what does not begin with a quote is taken as it is.
    init(quoted text: some StringProtocol) {
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
                bytes.append(next)
            }
        }
        self.init(bytes: bytes)
    }
}

extension UInt8 {
    /// Stands for itself between Git's quotes and without them.
    var isPlain: Bool { (0x20..<0x7F).contains(self) && self != .doubleQuote && self != .backslash }

    /// As it stands between Git's quotes.
    var escaped: [UInt8] {
        if self == .doubleQuote || self == .backslash { return [.backslash, self] }
        guard !isPlain else { return [self] }
        return [.backslash] + [self >> 6, self >> 3 & 7, self & 7].map { 0x30 + $0 }
    }
}

import TextTools

/// Reads the base64 text of a key, in a file of its own or quoted in another one: indented, after
/// `#` or `>`, as string literals with `\n` for line ends, or on one line.
struct KeyTextReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index: Int
    private let limit: Int
    /// The optional prefix of each line, taken from the first line.
    private let prefix: [UInt8]
    private var text = KeyText()

    /// In bytes; far more than the largest key, and limits the cost of many headers in one file.
    private static let maxSize = 64 << 10
    private static let maxHeaders = 32

    init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, prefix: [UInt8]) {
        (self.bytes, index, self.prefix) = (bytes, min(start, bytes.count), prefix)
        limit = min(bytes.count, start + Self.maxSize)
    }

    mutating func read() -> KeyText {
        var (headers, isContinued) = (0, false)
        while let line = nextLine() {
            let isHeaderLine = isContinued
            isContinued = isHeaderLine && line.last == .backslash
            guard !isHeaderLine else { continue }
            let value = trimmed(line)
            // The checksum of RFC 9580.
            if value.first == .equals, !text.base64.isEmpty { break }
            if value.isEmpty { continue }
            if text.base64.isEmpty, let name = headerName(of: value) {
                headers += 1
                guard headers <= Self.maxHeaders else { break }
                if ["proc-type", "dek-info"].contains(name) { text.isEncrypted = true }
                isContinued = line.last == .backslash
            } else if !append(value) {
                text.isEnded = false
                break
            }
        }
        return text
    }

    /// Returns the bytes up to a line end, a real or an escaped one; `nil` after the last line, and
    /// at the closing `----`.
    private mutating func nextLine() -> [UInt8]? {
        guard index < limit, !text.isEnded else { return nil }
        var line: [UInt8] = []
        while index < limit {
            let byte = bytes[index]
            if byte == .dash, isRuler(index) {
                text.isEnded = true
                return line
            }
            index += 1
            if byte.isLineEnd { return line }
            guard byte == .backslash else {
                line.append(byte)
                continue
            }
            guard let character = escaped() else { return line }
            line.append(character)
        }
        text.isEnded = limit == bytes.count
        return line
    }

    private func isRuler(_ offset: Int) -> Bool {
        offset + 3 < bytes.count && bytes[offset + 1] == .dash && bytes[offset + 2] == .dash
            && bytes[offset + 3] == .dash
    }

    /// Reads the escape sequence after a backslash; returns its character, or `nil` for a line end.
    private mutating func escaped() -> UInt8? {
        // A nested string literal has two or four backslashes.
        while index < limit, bytes[index] == .backslash { index += 1 }
        guard index < limit else { return .backslash }
        let character = bytes[index]
        switch character {
        case UInt8(ascii: "n"), UInt8(ascii: "r"):
            index += 1
            return nil
        case UInt8(ascii: "t"):
            index += 1
            return .space
        case .slash, .quote, .doubleQuote:
            index += 1
            return character
        case UInt8(ascii: "u"), UInt8(ascii: "x"):
            let count = character == UInt8(ascii: "u") ? 4 : 2
            guard index + count < limit,
                let code = UInt8(bytes[(index + 1)...(index + count)].text, radix: 16)
            else { return .backslash }
            index += count + 1
            return code.isLineEnd ? nil : code
        default: return .backslash
        }
    }

    private static let quotes: Set<UInt8> = [.quote, .doubleQuote, UInt8(ascii: "`")]

    /// Returns the line without indentation, the first line's prefix, quotes, and operators that
    /// concatenate strings.
    private func trimmed(_ line: [UInt8]) -> ArraySlice<UInt8> {
        var value = line[...].trimmingSpaces
        if !prefix.isEmpty, value.starts(with: prefix) {
            value = value.dropFirst(prefix.count).trimmingSpaces
        }
        if let first = value.first, "+.&".utf8.contains(first) {
            let afterOperator = value.dropFirst().trimmingSpaces
            if let next = afterOperator.first, Self.quotes.contains(next) { value = afterOperator }
        }
        value = value.drop { Self.quotes.contains($0) || $0.isBlank }
        if let quote = value.firstIndex(where: Self.quotes.contains) { value = value[..<quote] }
        while let last = value.last, last.isBlank || last == .backslash || ",;".utf8.contains(last) {
            value = value.dropLast()
        }
        // Drops a line that only concatenates strings.
        return value.count < 3 && value.allSatisfy { "+.&)".utf8.contains($0) } ? [] : value
    }

    /// Returns the name of a header such as `Proc-Type: …`, in lower case; `nil` for other lines.
    private func headerName(of line: ArraySlice<UInt8>) -> String? {
        guard let colon = line.prefix(65).firstIndex(of: .colon), colon > line.startIndex else { return nil }
        let name = line[..<colon]
        guard name.allSatisfy({ $0.isLetter || $0.isDigit || $0 == .dash }) else { return nil }
        return name.map(\.lowered).text
    }

    /// Appends the base64 text of a line; returns false if it is not base64. Spaces in place of
    /// line ends leave long words.
    private mutating func append(_ line: ArraySlice<UInt8>) -> Bool {
        let words = line.split(whereSeparator: \.isBlank)
        guard words.dropLast().allSatisfy({ $0.count >= 32 }),
            words.allSatisfy({ $0.allSatisfy(Self.isBase64) })
        else { return false }
        for word in words { text.base64 += word.filter { $0 != .equals } }
        return true
    }

    static func isBase64(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "+") || byte == .slash || byte == .equals
    }
}

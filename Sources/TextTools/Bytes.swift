// Inlinable, as parsers of other modules call these for every byte.

extension UInt8 {
    @inlinable package static var slash: UInt8 { UInt8(ascii: "/") }
    @inlinable package static var backslash: UInt8 { UInt8(ascii: "\\") }
    @inlinable package static var star: UInt8 { UInt8(ascii: "*") }
    @inlinable package static var space: UInt8 { UInt8(ascii: " ") }
    @inlinable package static var tab: UInt8 { UInt8(ascii: "\t") }
    @inlinable package static var newline: UInt8 { UInt8(ascii: "\n") }
    @inlinable package static var carriageReturn: UInt8 { UInt8(ascii: "\r") }
    @inlinable package static var hash: UInt8 { UInt8(ascii: "#") }
    @inlinable package static var colon: UInt8 { UInt8(ascii: ":") }
    @inlinable package static var dash: UInt8 { UInt8(ascii: "-") }
    @inlinable package static var quote: UInt8 { UInt8(ascii: "'") }
    @inlinable package static var doubleQuote: UInt8 { UInt8(ascii: "\"") }

    @inlinable package var isBlank: Bool { self == .space || self == .tab }
    @inlinable package var isLineEnd: Bool { self == .newline || self == .carriageReturn }
    @inlinable package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    @inlinable package var isUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    @inlinable package var isLower: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    @inlinable package var isLetter: Bool { isUpper || isLower }
    /// The lower-case byte of an ASCII letter; every other byte is unchanged.
    @inlinable package var lowered: UInt8 { isUpper ? self | 0x20 : self }

    /// Whether the byte is ASCII white space: space, tab, line feed, vertical tab, form feed,
    /// carriage return.
    @inlinable package var isSpace: Bool { self == .space || (0x09...0x0d).contains(self) }
    @inlinable package static var dollar: UInt8 { UInt8(ascii: "$") }
    @inlinable package static var equals: UInt8 { UInt8(ascii: "=") }
    @inlinable package static var at: UInt8 { UInt8(ascii: "@") }
    @inlinable package static var underscore: UInt8 { UInt8(ascii: "_") }
    @inlinable package var isWord: Bool { isLetter || isDigit || self == .underscore }

    /// The value of an ASCII hexadecimal digit; `nil` for other bytes.
    @inlinable package var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension [UInt8] {
    /// Returns whether the UTF-8 bytes of a text occur in these bytes.
    package func containsUTF8(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { part in
            withUnsafeBufferPointer { all in
                guard let first = part.first else { return true }
                guard all.count >= part.count else { return false }
                for start in 0...(all.count - part.count) where all[start] == first {
                    var index = 1
                    while index < part.count, all[start + index] == part[index] { index += 1 }
                    if index == part.count { return true }
                }
                return false
            }
        }
    }

    /// The lines, each with its line ending, which the last one may lack.
    package var lines: [ArraySlice<UInt8>] {
        var (lines, start): ([ArraySlice<UInt8>], Int) = ([], 0)
        while start < count {
            let end = self[start...].firstIndex(of: .newline).map { $0 + 1 } ?? count
            lines.append(self[start..<end])
            start = end
        }
        return lines
    }

    /// The bytes with CR LF replaced by LF.
    package var withUnixLineEnds: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for (index, byte) in enumerated() {
            if byte == .carriageReturn, index + 1 < count, self[index + 1] == .newline { continue }
            result.append(byte)
        }
        return result
    }
}

extension ArraySlice<UInt8> {
    @inlinable package var trimmingStart: ArraySlice<UInt8> { drop(while: \.isSpace) }
    @inlinable package var trimmingSpaces: ArraySlice<UInt8> {
        var slice = trimmingStart
        while slice.last?.isSpace == true { slice.removeLast() }
        return slice
    }

    /// The parts between runs of white space.
    @inlinable package var whitespaceSeparated: [ArraySlice<UInt8>] { split(whereSeparator: \.isSpace) }
}

extension Collection<UInt8> {
    /// The bytes decoded as UTF-8; invalid sequences are replaced by U+FFFD.
    @inlinable package var text: String { String(decoding: self, as: UTF8.self) }

    /// The bytes as lower-case hexadecimal digits, two per byte.
    @inlinable package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Sequence<UInt8> {
    /// The 64-bit FNV-1a hash as 16 hexadecimal digits: detects changes of a value, but not
    /// deliberate collisions.
    package var fingerprint: String {
        let hash = reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension UInt8 {
    package static let slash = UInt8(ascii: "/")
    package static let backslash = UInt8(ascii: "\\")
    package static let star = UInt8(ascii: "*")
    package static let space = UInt8(ascii: " ")
    package static let tab = UInt8(ascii: "\t")
    package static let newline = UInt8(ascii: "\n")
    package static let carriageReturn = UInt8(ascii: "\r")
    package static let hash = UInt8(ascii: "#")
    package static let colon = UInt8(ascii: ":")
    package static let dash = UInt8(ascii: "-")
    package static let quote = UInt8(ascii: "'")
    package static let doubleQuote = UInt8(ascii: "\"")

    package var isBlank: Bool { self == .space || self == .tab }
    package var isLineEnd: Bool { self == .newline || self == .carriageReturn }
    package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    package var isUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    package var isLower: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    package var isLetter: Bool { isUpper || isLower }
    /// ASCII only; every other byte stays.
    package var lowered: UInt8 { isUpper ? self | 0x20 : self }
}

extension [UInt8] {
    /// Whether the bytes of a text occur in these.
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
}

extension Collection<UInt8> {
    /// The bytes as text; what is no UTF-8 shows as U+FFFD.
    package var text: String { String(decoding: self, as: UTF8.self) }
}

extension UInt8 {
    /// Space, tab, line ends, vertical tab, form feed.
    package var isSpace: Bool { self == .space || (0x09...0x0d).contains(self) }
    package static let dollar = UInt8(ascii: "$")
    package static let equals = UInt8(ascii: "=")
    package static let at = UInt8(ascii: "@")
    package static let underscore = UInt8(ascii: "_")
    package var isWord: Bool { isLetter || isDigit || self == .underscore }
}

extension ArraySlice<UInt8> {
    package var trimmingStart: ArraySlice<UInt8> { drop(while: \.isSpace) }
    package var trimmingSpaces: ArraySlice<UInt8> {
        var slice = trimmingStart
        while slice.last?.isSpace == true { slice.removeLast() }
        return slice
    }

    /// The parts between runs of white space.
    package var whitespaceSeparated: [ArraySlice<UInt8>] { split(whereSeparator: \.isSpace) }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    package var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Collection<UInt8> {
    /// Lower-case hexadecimal digits, two for each byte.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension UInt8 {
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let star = UInt8(ascii: "*")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let hash = UInt8(ascii: "#")
    static let colon = UInt8(ascii: ":")
    static let dash = UInt8(ascii: "-")
    static let quote = UInt8(ascii: "'")
    static let doubleQuote = UInt8(ascii: "\"")

    var isBlank: Bool { self == .space || self == .tab }
    var isLineEnd: Bool { self == .newline || self == .carriageReturn }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isLower: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isLetter: Bool { isUpper || isLower }
    /// ASCII only; every other byte stays.
    var lowered: UInt8 { isUpper ? self | 0x20 : self }
}

extension [UInt8] {
    /// Whether the bytes of a text occur in these.
    func holds(_ text: String) -> Bool {
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
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// A text file as UTF-8 without a byte order mark.
package struct PlainText {
    package let bytes: [UInt8]
    /// Descriptions of the conversions, for messages.
    package private(set) var changes: [String] = []

    package init(_ bytes: [UInt8]) {
        if let text = UTF16Text.decoded(bytes) {
            (self.bytes, changes) = (text, ["converted from UTF-16 to UTF-8"])
        } else if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            (self.bytes, changes) = (Array(bytes.dropFirst(3)), ["byte order mark removed"])
        } else {
            self.bytes = bytes
        }
    }
}

extension [UInt8] {
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

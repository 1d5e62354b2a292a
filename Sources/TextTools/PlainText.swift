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

/// A decoder for UTF-16 text, as written by Windows programs. Git treats such files as binary.
package enum UTF16Text {
    /// Returns the text with one byte per code unit, so that line numbers are unchanged; units that
    /// are not ASCII become 0xBF. `nil` if the bytes are not UTF-16.
    package static func narrowed(_ bytes: [UInt8]) -> [UInt8]? {
        guard let low = lowByte(bytes) else { return nil }
        return stride(from: 0, to: bytes.count - 1, by: 2).map { index in
            let (unit, high) = (bytes[index + low], bytes[index + 1 - low])
            return high == 0 && unit != 0 ? unit : 0xbf
        }
    }

    /// Returns the text in UTF-8, without a byte order mark; `nil` if the bytes are not UTF-16.
    static func decoded(_ bytes: [UInt8]) -> [UInt8]? {
        guard let low = lowByte(bytes) else { return nil }
        let units = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
            UInt16(bytes[index + low]) | UInt16(bytes[index + 1 - low]) << 8
        }
        return Array(
            String(decoding: units.first == 0xfeff ? units.dropFirst() : units[...], as: UTF16.self).utf8)
    }

    /// Returns the index of the low byte in a code unit, by the byte order mark, otherwise by zeros
    /// in every second byte; `nil` if the bytes are not UTF-16.
    private static func lowByte(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 8 else { return nil }
        if bytes[0] == 0xff, bytes[1] == 0xfe { return bytes[2] == 0 && bytes[3] == 0 ? nil : 0 }
        if bytes[0] == 0xfe, bytes[1] == 0xff { return 1 }
        guard bytes[0] == 0 || bytes[1] == 0 else { return nil }
        let low = bytes[1] == 0 ? 0 : 1
        let start = min(bytes.count & ~1, 64)
        let isText = stride(from: 0, to: start, by: 2).allSatisfy { index in
            let unit = bytes[index + low]
            return bytes[index + 1 - low] == 0 && (unit >= 0x20 && unit < 0x7f || (9...13).contains(unit))
        }
        return isText ? low : nil
    }
}

import Essentials

/// Text of old commits, which name its encoding in a header of their own (`git help commit`, "DISCUSSION").
enum TextEncoding {
    /// - Parameter encoding: as the commit names it (`ISO-8859-1`, `Shift_JIS`); nil for UTF-8. What cannot be decoded
    ///   is replaced with U+FFFD.
    static func decoded(_ bytes: ArraySlice<UInt8>, from encoding: String?) -> String {
        guard let encoding, !isUTF8(encoding), let text = converted(bytes, from: encoding) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    private static func isUTF8(_ name: String) -> Bool { ["utf-8", "utf8"].contains(name.lowercased()) }

    /// nil for an encoding that nobody knows here.
    private static func converted(_ bytes: ArraySlice<UInt8>, from encoding: String) -> String? {
        // Known without the C library's tables, which a small container may lack.
        if ["iso-8859-1", "iso8859-1", "latin1", "latin-1"].contains(encoding.lowercased()) {
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
        // A slash would begin an option of iconv's.
        let isName = encoding.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || "0123456789-_.:".unicodeScalars.contains(scalar))
        }
        guard isName, encoding.utf8.count <= 40, let descriptor = iconv_open("UTF-8", encoding),
            Int(bitPattern: descriptor) != -1
        else { return nil }
        defer { iconv_close(descriptor) }
        return convert(Array(bytes), descriptor)
    }

    private static func convert(_ bytes: [UInt8], _ descriptor: iconv_t) -> String {
        var input = bytes.map { CChar(bitPattern: $0) }
        // No encoding takes less than a byte for what UTF-8 writes in four.
        var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        var written = 0
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var (from, left) = (source.baseAddress, source.count)
                var (to, room) = (target.baseAddress, target.count)
                while left > 0, room > 3 {
                    let status = iconv(descriptor, &from, &left, &to, &room)
                    guard status == .max || left > 0, left > 0, room > 3 else { break }
                    // A byte that begins no character.
                    for byte: UInt8 in [0xEF, 0xBF, 0xBD] {
                        to?.pointee = CChar(bitPattern: byte)
                        to = to?.advanced(by: 1)
                        room -= 1
                    }
                    from = from?.advanced(by: 1)
                    left -= 1
                }
                written = target.count - room
            }
        }
        return String(decoding: output[..<written].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

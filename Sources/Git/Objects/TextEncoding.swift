import Essentials

/// Decodes the text of commits that declare an encoding in their `encoding` header (`git help
/// commit`, "DISCUSSION").
enum TextEncoding {
    /// Returns the decoded text. Invalid bytes are replaced with U+FFFD.
    /// - Parameter encoding: the name in the commit's header (`ISO-8859-1`, `Shift_JIS`); `nil` for
    ///   UTF-8.
    static func decoded(_ bytes: ArraySlice<UInt8>, from encoding: String?) -> String {
        guard let encoding, !isUTF8(encoding), let text = converted(bytes, from: encoding) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    private static func isUTF8(_ name: String) -> Bool { ["utf-8", "utf8"].contains(name.lowercased()) }

    /// Returns the converted text; `nil` if the encoding is not supported.
    private static func converted(_ bytes: ArraySlice<UInt8>, from encoding: String) -> String? {
        // Latin-1 does not need the C library's conversion tables, which small containers may lack.
        if ["iso-8859-1", "iso8859-1", "latin1", "latin-1"].contains(encoding.lowercased()) {
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
        // iconv_open(3) would parse an option after a slash.
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
        // One input byte becomes at most four bytes of UTF-8 in every encoding.
        var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        var written = 0
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var (from, left) = (source.baseAddress, source.count)
                var (to, available) = (target.baseAddress, target.count)
                while left > 0, available > 3 {
                    let status = iconv(descriptor, &from, &left, &to, &available)
                    guard status == .max || left > 0, left > 0, available > 3 else { break }
                    // An invalid byte: write U+FFFD and skip the byte.
                    for byte: UInt8 in [0xEF, 0xBF, 0xBD] {
                        to?.pointee = CChar(bitPattern: byte)
                        to = to?.advanced(by: 1)
                        available -= 1
                    }
                    from = from?.advanced(by: 1)
                    left -= 1
                }
                written = target.count - available
            }
        }
        return String(decoding: output[..<written].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

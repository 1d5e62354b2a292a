import Essentials

extension HTTPClientRequest {
    /// The reason why the request must not be sent; `nil` if it is valid. Line ends and control
    /// characters could inject further header fields or requests.
    var rejectionReason: String? {
        if url.user != nil || url.password != nil { return "its URL contains a user or password" }
        guard url.absoluteString.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            return "its URL contains a control character"
        }
        guard Self.isToken(method) else { return "its method is invalid" }
        let isInvalid = headers.fields.contains { field in
            !Self.isToken(field.name) || field.value.utf8.contains { $0 < 32 && $0 != 9 || $0 == 127 }
        }
        return isInvalid ? "a header field is invalid" : nil
    }

    /// Whether the text is a token (RFC 9110 5.6.2).
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}

import TextTools

/// The part of a request before its body (RFC 9112, 3 to 6).
package struct RequestHead: Hashable, Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var framing: Framing
    /// False when the client, or an old protocol, wants the connection closed afterwards.
    package var keepsAlive: Bool

    /// How the end of the body is known.
    package enum Framing: Hashable, Sendable {
        case none
        /// Bytes.
        case length(Int)
        case chunked
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    package var expectsContinue: Bool {
        framing != .none && fields["Expect"]?.lowercased() == "100-continue"
    }

    /// The longest head that is read, in bytes.
    package static let limit = 64 * 1024

    /// Takes one head from the front of the buffer; nil when it is not whole yet.
    package static func parse(from buffer: inout [UInt8]) throws(BadRequest) -> RequestHead? {
        // A TLS client says hello with this byte and waits; an answer in plain text ends its handshake at once.
        if buffer.first == 0x16 { throw BadRequest(400, "This server speaks http, not https.") }
        let start = buffer.firstIndex { $0 != 13 && $0 != 10 } ?? buffer.endIndex
        guard let end = endOfHead(in: buffer[start...]) else {
            if buffer.count - start > limit { throw BadRequest(431, "The request's head is too long.") }
            return nil
        }
        let lines = split(buffer[start..<end])
        buffer.removeSubrange(..<end)
        return try RequestHead(lines: lines)
    }

    /// Behind the empty line.
    private static func endOfHead(in bytes: ArraySlice<UInt8>) -> Int? {
        var index = bytes.startIndex
        while let newline = bytes[index...].firstIndex(of: 10) {
            let next = newline + 1
            if next < bytes.endIndex, bytes[next] == 10 { return next + 1 }
            if next + 1 < bytes.endIndex, bytes[next] == 13, bytes[next + 1] == 10 { return next + 2 }
            index = next
        }
        return nil
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 10).map { $0.last == 13 ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
    }

    private init(lines: [ArraySlice<UInt8>]) throws(BadRequest) {
        guard let first = lines.first else { throw BadRequest(400, "The request is empty.") }
        let words = first.split(separator: 32, omittingEmptySubsequences: false)
        guard words.count == 3, words[0].isToken, words[1].allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw BadRequest(400, "The request line is malformed.")
        }
        let version = String(decoding: words[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw BadRequest(version.hasPrefix("HTTP/") ? 505 : 400, "Only HTTP/1.1 is spoken here.")
        }
        method = String(decoding: words[0], as: UTF8.self)
        target = try RequestTarget(String(decoding: words[1], as: UTF8.self))
        fields = try Self.fields(lines.dropFirst())
        framing = try Self.framing(fields)
        let connection = fields["Connection"]?.lowercased() ?? ""
        keepsAlive = version == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
        if version == "HTTP/1.1", fields.values(of: "Host").count != 1 {
            throw BadRequest(400, "A request needs exactly one Host.")
        }
    }

    private static func fields(_ lines: ArraySlice<ArraySlice<UInt8>>) throws(BadRequest) -> HTTPFields {
        var fields = HTTPFields()
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line[..<colon].isToken else {
                throw BadRequest(400, "A header field is malformed.")
            }
            let value = line[(colon + 1)...].trimmed
            guard value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
                throw BadRequest(400, "A header field holds a control character.")
            }
            fields.append(
                String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return fields
    }

    // A length and chunks together, or two lengths, are how requests are smuggled (RFC 9112, 6.3): refused.
    private static func framing(_ fields: HTTPFields) throws(BadRequest) -> Framing {
        let encodings = fields.values(of: "Transfer-Encoding"), lengths = fields.values(of: "Content-Length")
        if encodings.isEmpty && lengths.isEmpty { return .none }
        guard encodings.isEmpty || lengths.isEmpty, encodings.count < 2, Set(lengths).count < 2 else {
            throw BadRequest(400, "The length of the body is said twice.")
        }
        if let encoding = encodings.first {
            guard encoding.lowercased() == "chunked" else {
                throw BadRequest(501, "Only the transfer encoding \"chunked\" is known here.")
            }
            return .chunked
        }
        guard let text = lengths.first, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(text)
        else { throw BadRequest(400, "Content-Length is no number.") }
        return .length(length)
    }
}

extension ArraySlice<UInt8> {
    /// A token of RFC 9110, 5.6.2.
    var isToken: Bool {
        !isEmpty && allSatisfy { $0 > 32 && $0 < 127 && !Array("\"(),/:;<=>?@[\\]{}".utf8).contains($0) }
    }

    fileprivate var trimmed: ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        guard let end = lastIndex(where: { !isBlank($0) }) else { return [] }
        return self[...end].drop(while: isBlank)
    }
}

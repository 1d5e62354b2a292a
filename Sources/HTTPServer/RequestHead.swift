import TextTools

/// The request line and header fields of a request (RFC 9112, 3 to 6).
package struct RequestHead: Hashable, Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var framing: Framing
    /// Whether the connection stays open after the response: not if the client or HTTP/1.0 asks to close it.
    package var keepsAlive: Bool

    /// How the length of the body is determined (RFC 9112, 6.3).
    package enum Framing: Hashable, Sendable {
        case none
        /// The length in bytes.
        case length(Int)
        case chunked
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    package var expectsContinue: Bool {
        framing != .none && fields["Expect"]?.lowercased() == "100-continue"
    }

    /// The most bytes of a head.
    package static let limit = 64 * 1024

    /// Parses and removes a head from the start of the buffer; `nil` if it is incomplete.
    package static func parse(from buffer: inout [UInt8]) throws(BadRequest) -> RequestHead? {
        // A TLS ClientHello begins with this byte; a plain-text response makes the client's handshake
        // fail immediately.
        if buffer.first == 0x16 { throw BadRequest(400, "This server uses http, not https.") }
        let start = buffer.firstIndex { $0 != 13 && $0 != 10 } ?? buffer.endIndex
        guard let end = endOfHead(in: buffer[start...]) else {
            if buffer.count - start > limit { throw BadRequest(431, "The request header is too long.") }
            return nil
        }
        let lines = split(buffer[start..<end])
        buffer.removeSubrange(..<end)
        return try RequestHead(lines: lines)
    }

    /// Returns the index after the empty line; `nil` if there is none.
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
        let parts = first.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isToken(parts[0]), parts[1].allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw BadRequest(400, "The request line is malformed.")
        }
        let version = String(decoding: parts[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw BadRequest(version.hasPrefix("HTTP/") ? 505 : 400, "Only HTTP/1.1 is supported.")
        }
        method = String(decoding: parts[0], as: UTF8.self)
        target = try RequestTarget(String(decoding: parts[1], as: UTF8.self))
        fields = try Self.fields(lines.dropFirst())
        framing = try Self.framing(fields)
        let connection = fields["Connection"]?.lowercased() ?? ""
        keepsAlive = version == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
        if version == "HTTP/1.1", fields.values(of: "Host").count != 1 {
            throw BadRequest(400, "A request must have exactly one Host header.")
        }
    }

    private static func fields(_ lines: ArraySlice<ArraySlice<UInt8>>) throws(BadRequest) -> HTTPFields {
        var fields = HTTPFields()
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
                throw BadRequest(400, "A header field is malformed.")
            }
            let value = trimmed(line[(colon + 1)...])
            guard value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
                throw BadRequest(400, "A header field contains a control character.")
            }
            fields.append(
                String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return fields
    }

    /// Returns whether the bytes are a token (RFC 9110, 5.6.2).
    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0 > 32 && $0 < 127 && !delimiters.contains($0) }
    }

    private static let delimiters = Array("\"(),/:;<=>?@[\\]{}".utf8)

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        guard let end = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
        return bytes[...end].drop(while: isBlank)
    }

    // Rejects a length together with chunked encoding, and differing lengths: both allow request
    // smuggling (RFC 9112, 6.3).
    private static func framing(_ fields: HTTPFields) throws(BadRequest) -> Framing {
        let encodings = fields.values(of: "Transfer-Encoding"), lengths = fields.values(of: "Content-Length")
        if encodings.isEmpty && lengths.isEmpty { return .none }
        guard encodings.isEmpty || lengths.isEmpty, encodings.count < 2, Set(lengths).count < 2 else {
            throw BadRequest(400, "The length of the body is specified twice.")
        }
        if let encoding = encodings.first {
            guard encoding.lowercased() == "chunked" else {
                throw BadRequest(501, "Only the transfer encoding \"chunked\" is supported.")
            }
            return .chunked
        }
        guard let text = lengths.first, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(text)
        else { throw BadRequest(400, "Content-Length is not a valid number.") }
        return .length(length)
    }
}

/// The target of a request: path segments and query, percent-decoded (RFC 3986).
package struct RequestTarget: Hashable, Sendable {
    /// The path as it was sent, without the query.
    package var rawPath: String
    /// The query as it was sent, without `?`; empty if there is none.
    package var rawQuery: String
    /// The path's segments, each decoded separately, so that `refs%2Fpr%2F1` is one segment.
    package var segments: [String]
    package var query: [QueryItem]

    package struct QueryItem: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Parses the target of a request line: an absolute path, or an absolute URL as sent to proxies.
    package init(_ text: some StringProtocol) throws(BadRequest) {
        let path = try Self.withoutOrigin(Substring(text))
        let queryStart = path.firstIndex(of: "?") ?? path.endIndex
        rawPath = String(path[..<queryStart])
        rawQuery = String(path[queryStart...].dropFirst())
        segments = []
        for part in rawPath.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            segments.append(try Self.decode(part))
        }
        query = []
        for pair in rawQuery.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1] : ""
            query.append(
                QueryItem(
                    name: try Self.decode(sides[0], plusIsSpace: true),
                    value: try Self.decode(value, plusIsSpace: true)))
        }
    }

    /// Returns the first value of a query item; `nil` if there is none.
    package func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
    /// Returns all values of a query item, including those named `name[]`.
    package func values(_ name: String) -> [String] {
        query.filter { $0.name == name || $0.name == name + "[]" }.map(\.value)
    }

    private static func withoutOrigin(_ text: Substring) throws(BadRequest) -> Substring {
        if text.hasPrefix("/") { return text }
        guard let scheme = Self.range(of: "://", in: text), text.hasPrefix("http") else {
            throw BadRequest(400, "The request target is not a path.")
        }
        let remainder = text[scheme.upperBound...]
        guard let slash = remainder.firstIndex(of: "/") else { return "/" }
        return remainder[slash...]
    }

    private static func decode(
        _ part: Substring, plusIsSpace: Bool = false
    ) throws(BadRequest) -> String {
        var bytes: [UInt8] = []
        var remaining = Array(part.utf8)[...]
        while let byte = remaining.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = remaining.popFirst()?.hexDigit, let low = remaining.popFirst()?.hexDigit
                else {
                    throw BadRequest(400, "The request target has an invalid percent escape.")
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw BadRequest(400, "The request target is not valid UTF-8.")
        }
        return text
    }

    private static func range(of separator: String, in text: Substring) -> Range<Substring.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(separator) {
                return start..<text.index(start, offsetBy: separator.count)
            }
            text.formIndex(after: &start)
        }
        return nil
    }
}

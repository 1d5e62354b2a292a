import Essentials
import TextTools

/// An HTTP response with its whole body.
package struct HTTPClientResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    /// The URL of the response, after redirects.
    package var url: URL
    package var body: Data

    package init(status: Int, headers: HTTPFields, url: URL, body: Data) {
        (self.status, self.headers, self.url, self.body) = (status, headers, url, body)
    }

    package var isSuccess: Bool { (200..<300).contains(status) }
    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPClientResponse {
    /// Whether the response is a web page although an API response was expected: it comes from a proxy,
    /// a login page or another kind of server.
    package var isWebPage: Bool {
        let type = headers["Content-Type"]?.lowercased() ?? ""
        let start = body.prefix(256).drop { $0 <= 0x20 }
        return type.contains("html") || start.first == UInt8(ascii: "<")
    }

    /// Whether the response has one of the headers that the Hub adds to all its responses (hub-api.md 8.1).
    package var isFromHub: Bool {
        ["X-Request-Id", "X-Error-Code", "X-Amz-Cf-Id"].contains { headers[$0] != nil }
    }
}

/// Parser of the error messages in an unsuccessful response of the Hub: the header `X-Error-Message`,
/// then `error`, `error_description` and `errors[].message` of the body, or plain text, without
/// duplicates (`huggingface_hub`'s `utils/_http.py`). Web pages are ignored.
package enum HubErrorMessage {
    package static func parse(_ response: HTTPClientResponse) -> [String] {
        var messages = [response.headers["X-Error-Message"]].compactMap { $0 }
        if let body = JSON(response.body) {
            messages += jsonMessages(body)
        } else if !response.isWebPage {
            messages.append(
                contentsOf: response.text.split(whereSeparator: \.isNewline).prefix(5).map(String.init))
        }
        var seen = Set<String>()
        return messages.map(printable).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    private static func jsonMessages(_ body: JSON) -> [String] {
        let errors = body["errors"].array?.compactMap { $0["message"].string ?? $0.string } ?? []
        let single = [body["error"], body["error_description"], body["message"]].flatMap { value in
            value?.array?.compactMap(\.string)
                ?? [value?.string ?? value?["message"].string].compactMap { $0 }
        }
        return single + errors
    }

    /// Returns the text on one line, without control characters and with URLs redacted, cut to 400
    /// characters.
    private static func printable(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(String(line).trimmingSpaces().redactingURLs.prefix(400))
    }
}

extension JSON {
    /// Parses JSON; `nil` if the bytes are not JSON or exceed `JSONLimit`.
    package init?(_ data: Data) { self.init(Array(data)) }

    package static func read(_ data: Data) throws(JSON.ParseError) -> JSON { try parse(Array(data)) }

    /// Returns a line that describes the limit that the JSON exceeds; empty if it is within the limits,
    /// or not JSON.
    package static func exceededLimits(of data: Data) -> [String] {
        do throws(JSON.ParseError) { _ = try read(data) } catch {
            return error.exceededLimit.map { ["the JSON exceeds a limit: \($0)"] } ?? []
        }
        return []
    }

    package var data: Data { Data(text.utf8) }
}

/// Status and header fields of a final response.
struct ResponseHeader: Hashable, Sendable {
    var status: Int
    var headers: HTTPFields
    /// The value of `Content-Length`; `nil` if the header is missing.
    var length: Int64?
}

/// Line-by-line parser of response headers. Skips interim responses (RFC 9110 15.2) and ignores trailers.
struct ResponseHeaderParser {
    /// The most bytes of a response's header including its interim responses, and the most bytes of its
    /// trailers.
    static let byteLimit = 64 << 10
    static let fieldLimit = 200

    enum ParseError: Error, Hashable {
        /// A limit was exceeded, with a description of the limit.
        case tooLong(String)
        case malformed(String)
    }

    private enum Position { case status, fields, trailers }

    private var position = Position.status
    private var status = 0
    private var fields: [HTTPFields.Field] = []
    private var bytes = 0
    private var count = 0

    /// Whether the header of the final response is complete.
    var isComplete: Bool { position == .trailers }

    /// Parses one line, including its line end.
    /// - Returns: the header of the final response after its last line; `nil` before.
    mutating func consume(_ line: UnsafeRawBufferPointer) throws(ParseError) -> ResponseHeader? {
        bytes += line.count
        guard bytes <= Self.byteLimit else { throw .tooLong("\(Self.byteLimit >> 10) KiB") }
        // Compares bytes: in Swift a line end, colon or space may be part of a longer `Character`.
        let end = line.lastIndex { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        let content = Substring(
            String(decoding: UnsafeRawBufferPointer(rebasing: line[..<end]), as: UTF8.self))
        switch position {
        case .status: try parseStatusLine(content)
        case .fields where content.isEmpty: return try finish()
        case .fields: try parseField(content)
        case .trailers: try countField()
        }
        return nil
    }

    private mutating func parseStatusLine(_ line: Substring) throws(ParseError) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].utf8.count == 3,
            let number = Int(parts[1]), number >= 100
        else { throw .malformed("its status line is not valid HTTP") }
        (status, fields, position) = (number, [], .fields)
    }

    private mutating func countField() throws(ParseError) {
        count += 1
        guard count <= Self.fieldLimit else { throw .tooLong("\(Self.fieldLimit) fields") }
    }

    private mutating func parseField(_ line: Substring) throws(ParseError) {
        try countField()
        if line.utf8.first.map(isBlank) == true {
            // A folded line (RFC 9112 5.2) continues the previous value.
            guard let last = fields.indices.last else { throw .malformed("its header starts with a space") }
            fields[last].value += " " + trimmingBlanks(line)
            return
        }
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon != line.startIndex else {
            throw .malformed("a line of its header has no name")
        }
        let value = trimmingBlanks(Substring(line.utf8[line.utf8.index(after: colon)...]))
        fields.append(
            HTTPFields.Field(name: String(Substring(line.utf8[..<colon])), value: String(value)))
    }

    private mutating func finish() throws(ParseError) -> ResponseHeader? {
        if (100..<200).contains(status), status != 101 {
            position = .status
            return nil
        }
        guard status != 101 else { throw .malformed("it switches to another protocol") }
        (position, bytes, count) = (.trailers, 0, 0)
        return ResponseHeader(status: status, headers: HTTPFields(received: fields), length: try length())
    }

    /// Returns the value of `Content-Length`; `nil` if it is missing. Throws if values differ or are
    /// not numbers, which may hide a second response (RFC 9112 6.3).
    private func length() throws(ParseError) -> Int64? {
        let values = fields.filter { $0.name.lowercased() == "content-length" }
            .flatMap { $0.value.split(separator: ",", omittingEmptySubsequences: false).map(trimmingBlanks) }
        guard let first = values.first else { return nil }
        guard first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int64(first) else {
            throw .malformed("its Content-Length is not a valid length")
        }
        guard values.allSatisfy({ Int64($0) == length }) else {
            throw .malformed("it has several different Content-Lengths")
        }
        return length
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

/// Returns text without spaces and tabs at both ends.
private func trimmingBlanks(_ text: Substring) -> Substring {
    let start = text.utf8.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return Substring(start[...last])
}

extension HTTPFields {
    /// Combines the fields of a response, in order. Repeated fields are joined to a list (RFC 9110
    /// 5.3), except those that cannot be lists, of which the first is used.
    init(received fields: [Field]) {
        self = [:]
        let single = [
            "location", "content-type", "content-length", "retry-after", "date", "etag", "set-cookie",
        ]
        var positions: [String: Int] = [:]
        for field in fields {
            let name = field.name.lowercased()
            guard let position = positions[name], !single.contains(name) else {
                if positions[name] == nil { positions[name] = self.fields.count }
                append(field.name, field.value)
                continue
            }
            extend(position, by: field.value)
        }
    }
}

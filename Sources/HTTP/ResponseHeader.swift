import TextTools

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
        else { throw .malformed("its status line is not HTTP") }
        (status, fields, position) = (number, [], .fields)
    }

    private mutating func countField() throws(ParseError) {
        count += 1
        guard count <= Self.fieldLimit else { throw .tooLong("\(Self.fieldLimit) fields") }
    }

    private mutating func parseField(_ line: Substring) throws(ParseError) {
        try countField()
        if line.utf8.first.map(Substring.isBlank) == true {
            // A folded line (RFC 9112 5.2) continues the previous value.
            guard let last = fields.indices.last else { throw .malformed("its header begins with a blank") }
            fields[last].value += " " + line.trimmed
            return
        }
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon != line.startIndex else {
            throw .malformed("a line of its header has no name")
        }
        let value = Substring(line.utf8[line.utf8.index(after: colon)...]).trimmed
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
            .flatMap { $0.value.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed) }
        guard let first = values.first else { return nil }
        guard first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int64(first) else {
            throw .malformed("its Content-Length is not a possible length")
        }
        guard values.allSatisfy({ Int64($0) == length }) else {
            throw .malformed("it has several Content-Lengths that differ")
        }
        return length
    }
}

extension Substring {
    fileprivate static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    fileprivate var trimmed: Substring {
        let start = utf8.drop(while: Self.isBlank)
        guard let last = start.lastIndex(where: { !Self.isBlank($0) }) else { return "" }
        return Substring(start[...last])
    }
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

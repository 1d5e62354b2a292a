import Essentials

/// Writer that sends one response and counts the bytes of its body.
actor ResponseWriter {
    private let socket: Socket
    private var limit: Int
    private var isChunked = false
    private var announced: Int?
    private(set) var bodyBytes = 0

    init(_ socket: Socket, cutAfter: Int?) { (self.socket, limit) = (socket, cutAfter ?? .max) }

    /// Whether a simulated error has cut the body.
    var isCut: Bool { limit <= 0 }

    func writeHead(_ response: Response, length: Int?, keepsAlive: Bool) async throws {
        isChunked = length == nil && response.hasBody
        announced = length
        try await socket.write(response.head(length: length, keepsAlive: keepsAlive))
    }

    /// Sends a piece of the body. Bytes after a simulated cut are dropped without an error.
    func writeBody(_ bytes: [UInt8]) async throws {
        let piece = bytes.count <= limit ? bytes : Array(bytes[..<max(limit, 0)])
        if limit != .max { limit -= bytes.count }
        guard !piece.isEmpty else { return }
        bodyBytes += piece.count
        guard isChunked else { return try await socket.write(piece) }
        try await socket.write(Array((String(piece.count, radix: 16) + "\r\n").utf8) + piece + [13, 10])
    }

    /// Ends the body. Throws `Disconnected` if its length differs from the announced one.
    func finish() async throws {
        if let announced, bodyBytes != announced { throw Disconnected() }
        if isChunked { try await socket.write(Array("0\r\n\r\n".utf8)) }
    }
}

extension Response {
    /// Whether a response with this status has a body and a length (RFC 9110, 6.4.1).
    var hasBody: Bool { status >= 200 && status != 204 && status != 304 }

    func head(length: Int?, keepsAlive: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        for field in fields.fields { text += "\(field.name.onOneLine): \(field.value.onOneLine)\r\n" }
        if fields["Date"] == nil { text += "Date: \(Self.date(Date()))\r\n" }
        if hasBody {
            text += length.map { "Content-Length: \($0)\r\n" } ?? "Transfer-Encoding: chunked\r\n"
        }
        if !keepsAlive { text += "Connection: close\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// Returns a date in the format of HTTP headers (RFC 9110, 5.6.7).
    package static func date(_ date: Date) -> String { UTCTime(date).httpText }

    private static func reason(_ status: Int) -> String {
        reasons[status] ?? (status < 400 ? "OK" : "Error")
    }

    private static let reasons = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        408: "Request Timeout", 409: "Conflict", 412: "Precondition Failed", 413: "Content Too Large",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 422: "Unprocessable Content",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
        505: "HTTP Version Not Supported",
    ]
}

extension String {
    /// The text without control characters if it contains a line end or NUL, so that a header's value
    /// cannot end its line.
    fileprivate var onOneLine: String {
        utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 }
            ? String(decoding: utf8.filter { $0 >= 32 }, as: UTF8.self) : self
    }
}

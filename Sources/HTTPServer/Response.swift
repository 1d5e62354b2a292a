import Essentials
import TextTools

/// An HTTP response returned by a handler.
package struct Response: Sendable {
    package var status: Int
    package var fields: HTTPFields
    package var body: Body
    /// Simulates an error: the connection is cut after this number of bytes of the body; the rest is
    /// produced but not sent. If negative, not even the head is sent.
    package var cutAfter: Int?
    /// Simulates an error: no response is sent, and the connection is closed immediately, even if the
    /// client is sending.
    private(set) var hangsUp = false

    package init(_ status: Int = 200, fields: HTTPFields = [:], body: Body = .none, cutAfter: Int? = nil) {
        (self.status, self.fields, self.body, self.cutAfter) = (status, fields, body, cutAfter)
    }

    /// No response: the connection is closed. Its status in the access log is 0.
    package static var hangingUp: Response {
        var response = Response(0)
        response.hangsUp = true
        return response
    }

    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A range of a file, streamed from disk. Offset and length in bytes.
        case file(path: String, offset: Int = 0, length: Int)
        /// A body that is produced while it is sent; chunked if the length is `nil`. The producer's
        /// task is cancelled if the client disconnects. If the producer throws, the connection is cut,
        /// so that the client detects the incomplete body.
        case stream(length: Int? = nil, produce: @Sendable (ResponseBodyWriter) async throws -> Void)
    }

    /// Returns a response with a text, by default plain text.
    package static func text(
        _ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8",
        fields: HTTPFields = [:]
    ) -> Response {
        var fields = fields
        if fields["Content-Type"] == nil { fields["Content-Type"] = type }
        return Response(status, fields: fields, body: .bytes(Array(text.utf8)))
    }
}

/// The writer for the body of a streamed response.
package struct ResponseBodyWriter: Sendable {
    private let send: @Sendable ([UInt8]) async throws -> Void

    package init(_ send: @escaping @Sendable ([UInt8]) async throws -> Void) { self.send = send }

    /// Sends bytes. Returns when the system has accepted them, so that a slow client slows the producer down.
    package func write(_ bytes: [UInt8]) async throws { try await send(bytes) }
    package func write(_ text: String) async throws { try await send(Array(text.utf8)) }
}

/// The error if the client disconnected before the response was complete.
package struct Disconnected: Error, Hashable, Sendable {
    package init() {}
}

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
        for field in fields.fields { text += "\(onOneLine(field.name)): \(onOneLine(field.value))\r\n" }
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

/// Returns text without control characters if it contains a line end or NUL, so that a header's value
/// cannot end its line.
private func onOneLine(_ text: String) -> String {
    text.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 }
        ? String(decoding: text.utf8.filter { $0 >= 32 }, as: UTF8.self) : text
}

/// Noncopyable owner of an open file's descriptor, which is closed on `deinit`. Reads and writes
/// without extra copies.
package struct ServedFile: ~Copyable {
    private let descriptor: Int32

    /// Opens a file for reading. Throws `SystemError`.
    package init(reading path: String) throws(SystemError) {
        try self.init(path, O_RDONLY)
    }

    /// Creates a file. Throws `SystemError`, also if the file exists.
    package init(creating path: String) throws(SystemError) {
        try self.init(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    private init(_ path: String, _ flags: Int32) throws(SystemError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
    }

    /// Reads at most `limit` bytes at an offset; empty at the end of the file.
    package func bytes(at offset: Int, upTo limit: Int) throws(SystemError) -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let readCount = pread(descriptor, buffer.baseAddress, limit, off_t(offset))
                failure = readCount < 0 ? errno : 0
                count = max(readCount, 0)
            }
            if failure == 0 { return bytes }
            guard failure == EINTR else { throw SystemError("read", code: failure) }
        }
    }

    /// Writes all bytes after those written before.
    package func append(_ bytes: borrowing [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0[written...]) }
            if count < 0, errno != EINTR { throw SystemError("write") }
            written += max(count, 0)
        }
    }

    deinit { _ = systemClose(descriptor) }
}

private func systemWrite(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    return write(descriptor, bytes.baseAddress, bytes.count)
}

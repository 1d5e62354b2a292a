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

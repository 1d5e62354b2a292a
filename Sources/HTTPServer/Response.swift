import TextTools

/// A response as a handler gives it.
package struct Response: Sendable {
    package var status: Int
    package var fields: HTTPFields
    package var body: Body
    /// For rehearsing faults: the connection is cut behind so many bytes of the body; what follows is made, not sent.
    /// Negative: not even the head is sent.
    package var cutAfter: Int?
    /// For rehearsing faults: nothing is said, and the connection is closed at once, whatever the client still sends.
    private(set) var hangsUp = false

    package init(_ status: Int = 200, fields: HTTPFields = [:], body: Body = .none, cutAfter: Int? = nil) {
        (self.status, self.fields, self.body, self.cutAfter) = (status, fields, body, cutAfter)
    }

    /// No answer at all; its status is told as 0.
    package static var hangingUp: Response {
        var answer = Response(0)
        answer.hangsUp = true
        return answer
    }

    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Part of a file, sent without holding it in memory. Offset and length in bytes.
        case file(path: String, offset: Int = 0, length: Int)
        /// Made while it is sent. Without a length it goes in chunks. The producer's task is cancelled when the
        /// client leaves; what it throws cuts the connection, so that no one takes a part for the whole.
        case stream(length: Int? = nil, produce: @Sendable (ResponseBodyWriter) async throws -> Void)
    }

    /// Text, by default plain.
    package static func text(
        _ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8",
        fields: HTTPFields = [:]
    ) -> Response {
        var fields = fields
        if fields["Content-Type"] == nil { fields["Content-Type"] = type }
        return Response(status, fields: fields, body: .bytes(Array(text.utf8)))
    }
}

/// Where a streaming answer goes.
package struct ResponseBodyWriter: Sendable {
    private let send: @Sendable ([UInt8]) async throws -> Void

    package init(_ send: @escaping @Sendable ([UInt8]) async throws -> Void) { self.send = send }

    /// Returns when the bytes are handed to the system: a slow client slows its producer.
    package func write(_ bytes: [UInt8]) async throws { try await send(bytes) }
    package func write(_ text: String) async throws { try await send(Array(text.utf8)) }
}

/// The client left before the exchange was over.
package struct Disconnected: Error, Hashable, Sendable {
    package init() {}
}

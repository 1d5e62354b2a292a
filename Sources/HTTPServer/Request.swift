import Essentials
import Synchronization
import TextTools

/// An HTTP request passed to a handler. Its body is read lazily.
package struct Request: Sendable {
    package var method: String
    package var target: RequestTarget
    package var fields: HTTPFields
    package var body: RequestBody
    /// The path parameters of the route's pattern.
    package var parameters: [String: String] = [:]

    package init(
        _ method: String, _ target: RequestTarget, fields: HTTPFields = [:], body: RequestBody = .none
    ) {
        (self.method, self.target, self.fields, self.body) = (method, target, fields, body)
    }

    /// Creates a request from text, for tests and for combining handlers.
    package init(
        _ method: String, _ target: String, fields: HTTPFields = [:], body: [UInt8] = []
    ) throws(BadRequest) {
        self.init(method, try RequestTarget(target), fields: fields, body: RequestBody(body))
    }

    /// The requested host, in lower case, without port; empty if the `Host` header is missing.
    package var host: String {
        let field = (fields["Host"] ?? "").lowercased()
        if field.hasPrefix("["), let end = field.firstIndex(of: "]") { return String(field[...end]) }
        return String(field.prefix { $0 != ":" })
    }

    /// A path parameter of the route's pattern; empty if the pattern does not have it.
    package subscript(_ parameter: String) -> String { parameters[parameter] ?? "" }
}

/// The body of a request, streamed piece by piece.
package struct RequestBody: Sendable {
    /// The announced length in bytes; `nil` if the body is chunked.
    package let length: Int?
    private let read: @Sendable (_ limit: Int) async throws -> [UInt8]?

    package static let none = RequestBody(length: 0) { _ in nil }

    /// - Parameter read: returns the next piece, of at most `limit` bytes; `nil` at the end.
    package init(length: Int?, read: @escaping @Sendable (_ limit: Int) async throws -> [UInt8]?) {
        (self.length, self.read) = (length, read)
    }

    /// Creates a body from bytes in memory.
    package init(_ bytes: [UInt8]) {
        let remaining = RemainingBytes(bytes)
        self.init(length: bytes.count) { remaining.consume($0) }
    }

    /// Reads the next piece, of at most `limit` bytes; `nil` at the end. Throws `BadRequest`, or
    /// `Disconnected` if the client disconnected.
    package func next(upTo limit: Int = .max) async throws -> [UInt8]? { try await read(limit) }

    /// Reads the whole body into memory. Throws `BadRequest` 413 if it is longer than `limit` bytes.
    package func collect(upTo limit: Int = 16 << 20) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await next() {
            guard all.count + piece.count <= limit else { throw Self.tooLong(limit) }
            all += piece
        }
        return all
    }

    /// Writes the body to a new file with constant memory, and passes each piece to `each`.
    /// - Returns: the number of bytes.
    package func save(
        to file: URL, upTo limit: Int = .max, each: (borrowing [UInt8]) -> Void = { _ in }
    ) async throws -> Int {
        let target = try ServedFile(creating: file.path)
        var count = 0
        while let piece = try await next() {
            count += piece.count
            guard count <= limit else { throw Self.tooLong(limit) }
            each(piece)
            try target.append(piece)
        }
        return count
    }

    /// Reads and discards up to `limit` bytes.
    package func discard(upTo limit: Int) async throws {
        var remaining = limit
        while remaining > 0, let piece = try await next(upTo: remaining) { remaining -= piece.count }
    }

    /// Returns the body with its reading limited to `rate` bytes per second.
    package func throttled(to rate: Double) -> RequestBody {
        let pieceLimit = Int(min(max(rate / 10, 1), 1_000_000))
        return RequestBody(length: length) { [self] limit in
            let piece = try await next(upTo: min(limit, pieceLimit))
            try await Task.sleep(for: .seconds(Double(piece?.count ?? 0) / max(rate, 1)))
            return piece
        }
    }

    private static func tooLong(_ limit: Int) -> BadRequest {
        BadRequest(413, "The body is longer than \(limit) bytes.")
    }
}

/// Bytes in memory that are consumed in pieces.
private final class RemainingBytes: Sendable {
    private let bytes: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes[...]) }

    func consume(_ limit: Int) -> [UInt8]? {
        bytes.withLock { remaining in
            defer { remaining = remaining.dropFirst(limit) }
            return remaining.isEmpty ? nil : Array(remaining.prefix(limit))
        }
    }
}

/// The error of an invalid or unsupported request; the response has the status `status`.
package struct BadRequest: Error, Hashable, Sendable {
    package var status: Int
    /// The description of the error, one sentence.
    package var reason: String

    package init(_ status: Int = 400, _ reason: String) { (self.status, self.reason) = (status, reason) }
}

/// A function that responds to a request.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Router that maps method and path pattern to a handler; routes are tried in order. `{name}` matches
/// one path segment, `{name...}` at the end matches the remaining segments (also none).
package struct Router: Sendable {
    private var routes: [Route] = []
    private var fallback: Handler

    private struct Route: Sendable {
        var method: String
        var pattern: [Substring]
        var handler: Handler
    }

    /// - Parameter fallback: handles the requests that no route matches.
    package init(fallback: @escaping Handler = { _ in .text("Not Found", status: 404) }) {
        self.fallback = fallback
    }

    /// Adds a route. A GET route also handles HEAD.
    package mutating func on(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(method: method, pattern: pattern.split(separator: "/"), handler: handler))
    }

    package func handle(_ request: Request) async throws -> Response {
        let method = request.method == "HEAD" ? "GET" : request.method
        for route in routes where route.method == method {
            guard let parameters = Self.match(route.pattern[...], request.target.segments[...]) else {
                continue
            }
            var request = request
            request.parameters = parameters
            return try await route.handler(request)
        }
        return try await fallback(request)
    }

    private static func match(
        _ pattern: ArraySlice<Substring>, _ path: ArraySlice<String>
    ) -> [String: String]? {
        var parameters: [String: String] = [:], remaining = path
        for part in pattern {
            if part.hasPrefix("{"), part.hasSuffix("...}") {
                parameters[String(part.dropFirst().dropLast(4))] = remaining.joined(separator: "/")
                return parameters
            }
            guard let segment = remaining.popFirst() else { return nil }
            if part.hasPrefix("{"), !segment.isEmpty {
                let end = part.firstIndex(of: "}") ?? part.endIndex
                let suffix = part[end...].dropFirst()
                guard segment.hasSuffix(suffix), segment.count > suffix.count else { return nil }
                parameters[String(part[..<end].dropFirst())] = String(segment.dropLast(suffix.count))
            } else if part != segment[...] {
                return nil
            }
        }
        return remaining.isEmpty || remaining == [""] ? parameters : nil
    }
}

import Essentials
import Synchronization

/// The bytes of a request, read piece by piece as they come.
package struct RequestBody: Sendable {
    /// The length the client announced, in bytes; nil for a chunked body.
    package let length: Int?
    private let read: @Sendable (_ limit: Int) async throws -> [UInt8]?

    package static let none = RequestBody(length: 0) { _ in nil }

    /// `read` gives the next piece, of as many bytes as it is asked for at most; nil at the end.
    package init(length: Int?, read: @escaping @Sendable (_ limit: Int) async throws -> [UInt8]?) {
        (self.length, self.read) = (length, read)
    }

    /// A body that is already here.
    package init(_ bytes: [UInt8]) {
        let rest = RemainingBytes(bytes)
        self.init(length: bytes.count) { rest.consume($0) }
    }

    /// The next piece, of at most `limit` bytes; nil at the end. Throws `BadRequest`, or `Disconnected` when the
    /// client left.
    package func next(upTo limit: Int = .max) async throws -> [UInt8]? { try await read(limit) }

    /// The whole body in memory; one longer than `limit` bytes throws `BadRequest` 413.
    package func collect(upTo limit: Int = 16 << 20) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await next() {
            guard all.count + piece.count <= limit else { throw Self.tooLong(limit) }
            all += piece
        }
        return all
    }

    /// Writes the body to a new file, handing on each piece, in memory that does not grow with it. Returns its bytes.
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

    /// Reads so many bytes, or to the end, and keeps none.
    package func discard(upTo limit: Int) async throws {
        var left = limit
        while left > 0, let piece = try await next(upTo: left) { left -= piece.count }
    }

    /// The same body from a server that takes no more than so many bytes a second.
    package func throttled(to rate: Double) -> RequestBody {
        let portion = Int(min(max(rate / 10, 1), 1_000_000))
        return RequestBody(length: length) { [self] limit in
            let piece = try await next(upTo: min(limit, portion))
            try await Task.sleep(for: .seconds(Double(piece?.count ?? 0) / max(rate, 1)))
            return piece
        }
    }

    private static func tooLong(_ limit: Int) -> BadRequest {
        BadRequest(413, "The body is longer than \(limit) bytes.")
    }
}

/// Bytes that are handed out in portions.
private final class RemainingBytes: Sendable {
    private let bytes: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes[...]) }

    func consume(_ limit: Int) -> [UInt8]? {
        bytes.withLock { rest in
            defer { rest = rest.dropFirst(limit) }
            return rest.isEmpty ? nil : Array(rest.prefix(limit))
        }
    }
}

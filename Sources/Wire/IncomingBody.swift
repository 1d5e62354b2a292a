import Foundation

/// The bytes of a request, read piece by piece as they come.
package struct IncomingBody: Sendable {
    /// The length the client announced, in bytes; nil for a chunked body.
    package let length: Int?
    private let read: @Sendable () async throws -> [UInt8]?

    package static let none = IncomingBody(length: 0) { nil }

    /// `read` gives the next piece, nil at the end.
    package init(length: Int?, read: @escaping @Sendable () async throws -> [UInt8]?) {
        (self.length, self.read) = (length, read)
    }

    /// A body that is already here.
    package init(_ bytes: [UInt8]) {
        let rest = Once(bytes)
        self.init(length: bytes.count) { rest.take() }
    }

    /// The next piece; nil at the end. Throws `Malformed`, or `Disconnected` when the client left.
    package func next() async throws -> [UInt8]? { try await read() }

    /// The whole body in memory; one longer than `limit` bytes throws `Malformed` 413.
    package func collect(upTo limit: Int = 16 << 20) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await read() {
            guard all.count + piece.count <= limit else { throw Self.tooLong(limit) }
            all += piece
        }
        return all
    }

    /// Writes the body to a new file, handing on each piece, in memory that does not grow with it. Returns its bytes.
    package func save(
        to file: URL, upTo limit: Int = .max, each: (borrowing [UInt8]) -> Void = { _ in }
    ) async throws -> Int {
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        var count = 0
        while let piece = try await read() {
            count += piece.count
            guard count <= limit else { throw Self.tooLong(limit) }
            each(piece)
            try handle.write(contentsOf: Data(piece))
        }
        return count
    }

    private static func tooLong(_ limit: Int) -> Malformed {
        Malformed(413, "The body is longer than \(limit) bytes.")
    }
}

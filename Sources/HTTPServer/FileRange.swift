/// A range of a file that is sent to a client in pieces.
struct FileRange: Sendable {
    var path: String
    var offset: Int
    var length: Int

    /// Sends the range. If the file is shorter, the response is incomplete and the connection is closed.
    func send(to writer: ResponseWriter) async throws {
        let file = try ServedFile(reading: path)
        var sent = 0
        while sent < length {
            let piece = try file.bytes(at: max(offset, 0) + sent, upTo: min(length - sent, 512 * 1024))
            if piece.isEmpty { return }
            sent += piece.count
            try await writer.writeBody(piece)
        }
    }
}

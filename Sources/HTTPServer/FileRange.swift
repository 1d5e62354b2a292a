/// Part of a file on its way to a client, a piece at a time.
struct FileRange: Sendable {
    var path: String
    var offset: Int
    var length: Int

    /// Ends early when the file does: what was announced is then missing, and the connection is cut.
    func send(to outflow: ResponseWriter) async throws {
        let file = try ServedFile(reading: path)
        var done = 0
        while done < length {
            let piece = try file.bytes(at: max(offset, 0) + done, upTo: min(length - done, 512 * 1024))
            if piece.isEmpty { return }
            done += piece.count
            try await outflow.writeBody(piece)
        }
    }
}

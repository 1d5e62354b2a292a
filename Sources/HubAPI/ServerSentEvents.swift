import Essentials

/// Incremental parser of server-sent events, which returns the values of the `data:` lines.
struct ServerSentEvents {
    private var buffer = Data()
    /// The number of bytes at the start of `buffer` without a line end.
    private var searched = 0
    /// Whether the current line was truncated, so that its remaining bytes are dropped.
    private var isCut = false
    /// The most bytes of a line; a longer one is truncated.
    static let maxLineLength = 1 << 20

    /// Adds bytes and returns the values of the `data:` lines that are now complete.
    mutating func consume(_ piece: Data) -> [Data] {
        buffer.append(piece)
        var values: [Data] = []
        var start = buffer.startIndex
        var unsearched = buffer.startIndex + searched
        while let end = buffer[unsearched...].firstIndex(of: UInt8(ascii: "\n")) {
            if !isCut, let value = Self.value(of: buffer[start..<end].prefix(Self.maxLineLength)) {
                values.append(value)
            }
            isCut = false
            start = end + 1
            unsearched = start
        }
        // Copied only after a line end: a long line may arrive byte by byte.
        if start > buffer.startIndex { buffer = Data(buffer[start...]) }
        if isCut {
            buffer = Data()
        } else if buffer.count >= Self.maxLineLength {
            if let value = Self.value(of: buffer.prefix(Self.maxLineLength)) { values.append(value) }
            (buffer, isCut) = (Data(), true)
        }
        searched = buffer.count
        return values
    }

    private static func value(of line: Data) -> Data? {
        guard line.starts(with: Array("data:".utf8)) else { return nil }
        let value = line.dropFirst(5).drop { $0 == UInt8(ascii: " ") }
        return value.last == UInt8(ascii: "\r") ? Data(value.dropLast()) : Data(value)
    }
}

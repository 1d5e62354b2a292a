import Essentials

/// Cuts a stream of server-sent events into the values of its `data:` lines, whatever pieces it comes in.
struct ServerSentEvents {
    private var buffer = Data()
    /// How much of `rest` has no line end.
    private var searched = 0
    /// The rest of a line that was cut is dropped, up to its end.
    private var isCut = false
    /// Bytes of a line that are read; of a longer one, the beginning.
    static let maxLineLength = 1 << 20

    /// Takes in a piece and gives back the `data:` values that it completes.
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
        // Copied only where a line has ended: a long line may come byte by byte.
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

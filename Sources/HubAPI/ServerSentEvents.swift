import Essentials

/// Cuts a stream of server-sent events into the values of its `data:` lines, whatever pieces it comes in.
struct ServerSentEvents {
    private var rest = Data()
    /// How much of `rest` has no line end.
    private var searched = 0
    /// The rest of a line that was cut is dropped, up to its end.
    private var isCut = false
    /// Bytes of a line that are read; of a longer one, the beginning.
    static let longest = 1 << 20

    /// Takes in a piece and gives back the `data:` values that it completes.
    mutating func take(_ piece: Data) -> [Data] {
        rest.append(piece)
        var values: [Data] = []
        var start = rest.startIndex
        var unsearched = rest.startIndex + searched
        while let end = rest[unsearched...].firstIndex(of: UInt8(ascii: "\n")) {
            if !isCut, let value = Self.value(of: rest[start..<end].prefix(Self.longest)) {
                values.append(value)
            }
            isCut = false
            start = end + 1
            unsearched = start
        }
        // Copied only where a line has ended: a long line may come byte by byte.
        if start > rest.startIndex { rest = Data(rest[start...]) }
        if isCut {
            rest = Data()
        } else if rest.count >= Self.longest {
            if let value = Self.value(of: rest.prefix(Self.longest)) { values.append(value) }
            (rest, isCut) = (Data(), true)
        }
        searched = rest.count
        return values
    }

    private static func value(of line: Data) -> Data? {
        guard line.starts(with: Array("data:".utf8)) else { return nil }
        let value = line.dropFirst(5).drop { $0 == UInt8(ascii: " ") }
        return value.last == UInt8(ascii: "\r") ? Data(value.dropLast()) : Data(value)
    }
}

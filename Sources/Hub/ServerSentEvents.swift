import Foundation

/// Cuts a stream of server-sent events into the values of its `data:` lines, whatever pieces it comes in.
struct ServerSentEvents {
    private var rest = Data()
    /// A line that does not end is dropped beyond this length.
    private static let longest = 1 << 20

    /// Takes in a piece and gives back the `data:` values that it completes.
    mutating func take(_ piece: Data) -> [Data] {
        rest.append(piece)
        var values: [Data] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[rest.startIndex..<end]
            if let value = Self.value(of: line) { values.append(value) }
            rest = rest[rest.index(after: end)...]
        }
        rest = rest.count > Self.longest ? Data() : Data(rest)
        return values
    }

    private static func value(of line: Data) -> Data? {
        guard line.starts(with: Array("data:".utf8)) else { return nil }
        let value = line.dropFirst(5).drop { $0 == UInt8(ascii: " ") }
        return value.last == UInt8(ascii: "\r") ? Data(value.dropLast()) : Data(value)
    }
}

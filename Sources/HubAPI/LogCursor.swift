import Essentials
import SpacesModel
import TextTools

/// The read position in a log, across reconnects.
struct LogCursor {
    static let maxFailures = 5

    private(set) var seen = 0
    private var blanks = 0
    /// The number of consecutive streams that broke without a new event.
    private(set) var failures = 0
    /// Whether the stream ended by the idle limit, which does not count as a failure.
    var isSilent = false
    private var position = 0
    private var first: Data?

    mutating func beginStream() { (position, isSilent) = (0, false) }

    mutating func recordDisconnect(hasProgressed: Bool) {
        failures = hasProgressed || isSilent ? 0 : failures + 1
    }

    /// Records an event and returns whether it is new. If the log begins with another first event than
    /// before, it belongs to another build, and all its events are new.
    mutating func recordIfNew(_ event: Data) -> Bool {
        guard event.first == UInt8(ascii: "{") else { return false }
        position += 1
        if position == 1, event != first { (first, seen) = (event, 0) }
        guard position > seen else { return false }
        seen = position
        return true
    }
}

extension LogCursor {
    /// The most consecutive blank lines that are shown; further ones are counted.
    static let blankLimit = 3

    /// Returns the lines to show: long runs of blank lines are replaced by one line with their number.
    mutating func collapsed(_ lines: [LogLine]) -> [LogLine] {
        var result: [LogLine] = []
        for line in lines {
            if line.text.isInvisible {
                blanks += 1
                if blanks <= Self.blankLimit { result.append(line) }
                continue
            }
            if blanks > Self.blankLimit {
                let hidden = blanks - Self.blankLimit
                result.append(LogLine(text: "(\(counted(hidden, "more blank line")))"))
            }
            blanks = 0
            result.append(line)
        }
        return result
    }
}

extension LogLine {
    /// The most bytes of a line; a longer one is truncated, with a note.
    static let limit = 8 << 10

    /// Returns the lines of an event, `{"data": "text\n", "timestamp": "…"}`, usually one.
    static func lines(of event: Data) -> [LogLine] {
        guard let value = try? JSONDecoder().decode(Event.self, from: event), let text = value.data else {
            return cutEvent(event).map { [$0] } ?? []
        }
        if let line = singleLine(text) { return [LogLine(text: truncated(line), timestamp: value.timestamp)] }
        var parts = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if parts.last == "" { parts.removeLast() }
        if parts.isEmpty { parts = [""] }
        return parts.map { LogLine(text: truncated(String($0)), timestamp: value.timestamp) }
    }

    /// Returns the beginning of the single line of an event that `ServerSentEvents` has truncated, with
    /// a note; `nil` if the event was not truncated.
    private static func cutEvent(_ event: Data) -> LogLine? {
        guard event.count + "data: ".utf8.count >= ServerSentEvents.maxLineLength else { return nil }
        let note = " … (this line of the log has more than \(ServerSentEvents.maxLineLength >> 20) MiB)"
        // The event may be cut within a character or escape sequence, of which the longest has twelve bytes.
        for dropped in 0...12 {
            let closed = event.prefix(2 * limit).dropLast(dropped) + Data("\"}".utf8)
            guard let value = try? JSONDecoder().decode(Event.self, from: closed), let text = value.data
            else { continue }
            let line = text.split(maxSplits: 1, whereSeparator: \.isNewline).first ?? ""
            let start = String(decoding: line.utf8.prefix(limit), as: UTF8.self)
            return LogLine(text: start + note, timestamp: value.timestamp)
        }
        return LogLine(text: note)
    }

    private struct Event: Decodable {
        var data: String?
        var timestamp: String?

        private enum Key: String, CodingKey { case data, timestamp }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            data = try? fields.decode(String.self, forKey: .data)
            timestamp = try? fields.decode(String.self, forKey: .timestamp)
        }
    }

    /// Fast path for ASCII text whose only line end is at its end, which most events are: returns it
    /// without splitting characters; `nil` for other text.
    private static func singleLine(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes -> String? in
            let end = bytes.last == 0x0A ? bytes.count - 1 : bytes.count
            guard bytes[..<end].allSatisfy({ $0 < 0x80 && !(0x0A...0x0D).contains($0) }) else { return nil }
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
        }
    }

    private static func truncated(_ text: String) -> String {
        let count = text.utf8.count
        guard count > limit else { return text }
        let start = String(decoding: text.utf8.prefix(limit), as: UTF8.self)
        return "\(start) … (\(count - limit) more bytes of this line)"
    }
}

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

extension Date {
    /// Parses a time of the Hub (RFC 3339), with or without fractional seconds; `nil` if the text is
    /// anything else.
    package init?(hub text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? Date(text, strategy: fractional)) ?? (try? Date(text, strategy: .iso8601))
        else {
            return nil
        }
        self = date
    }
}

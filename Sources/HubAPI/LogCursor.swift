import Essentials
import SpacesModel
import TextTools

/// How far a log has been read, over all its streams.
struct LogCursor {
    static let maxFailures = 5

    private(set) var seen = 0
    private var blanks = 0
    /// Streams in a row that brought nothing new.
    private(set) var failures = 0
    /// The stream ended because nothing came: no fault of anybody's.
    var isSilent = false
    private var position = 0
    private var first: Data?

    mutating func beginStream() { (position, isSilent) = (0, false) }

    mutating func recordDisconnect(hasProgressed: Bool) {
        failures = hasProgressed || isSilent ? 0 : failures + 1
    }

    /// Whether an event has not been seen yet. A log that begins with another event than before is another build's:
    /// all of it is new.
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
    /// Blank lines in a row that are handed on; more are counted.
    static let blankLimit = 3

    /// Lines as they are handed on: a flood of blank ones becomes one line that counts them.
    mutating func collapsed(_ lines: [LogLine]) -> [LogLine] {
        var kept: [LogLine] = []
        for line in lines {
            if line.text.isInvisible {
                blanks += 1
                if blanks <= Self.blankLimit { kept.append(line) }
                continue
            }
            if blanks > Self.blankLimit {
                let more = blanks - Self.blankLimit
                kept.append(LogLine(text: "(\(more) more blank \(more == 1 ? "line" : "lines"))"))
            }
            blanks = 0
            kept.append(line)
        }
        return kept
    }
}

extension LogLine {
    /// Bytes of a line; the rest of a longer one is dropped, with a mark.
    static let limit = 8 << 10

    /// The lines of one event, `{"data": "text\n", "timestamp": "…"}`; usually one.
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

    /// The beginning of the only line of an event that `ServerSentEvents` has cut, with a mark.
    private static func cutEvent(_ event: Data) -> LogLine? {
        guard event.count + "data: ".utf8.count >= ServerSentEvents.maxLineLength else { return nil }
        let mark = " … (this line of the log has more than \(ServerSentEvents.maxLineLength >> 20) MiB)"
        // The cut may go through a character or its escape, of which the longest has twelve bytes.
        for dropped in 0...12 {
            let closed = event.prefix(2 * limit).dropLast(dropped) + Data("\"}".utf8)
            guard let value = try? JSONDecoder().decode(Event.self, from: closed), let text = value.data
            else { continue }
            let line = text.split(maxSplits: 1, whereSeparator: \.isNewline).first ?? ""
            let start = String(decoding: line.utf8.prefix(limit), as: UTF8.self)
            return LogLine(text: start + mark, timestamp: value.timestamp)
        }
        return LogLine(text: mark)
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

    /// ASCII with no line end but one at its end, which most lines are: characters need not be told apart.
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

import Deploy
import Foundation

/// How far a log has been read, over all its streams.
struct LogPlace {
    static let faultsAllowed = 5

    private(set) var seen = 0
    /// Streams in a row that brought nothing new.
    private(set) var faults = 0
    /// The stream ended because nothing came: no fault of anybody's.
    var isSilent = false
    private var position = 0
    private var first: Data?

    mutating func begin() { (position, isSilent) = (0, false) }

    mutating func broke(hasMoved: Bool) { faults = hasMoved || isSilent ? 0 : faults + 1 }

    /// Whether an event has not been seen yet. A log that begins with another event than before is another build's:
    /// all of it is new.
    mutating func isNew(_ event: Data) -> Bool {
        guard event.first == UInt8(ascii: "{") else { return false }
        position += 1
        if position == 1, event != first { (first, seen) = (event, 0) }
        guard position > seen else { return false }
        seen = position
        return true
    }
}

extension LogLine {
    /// The lines of one event, `{"data": "text\n", "timestamp": "…"}`; usually one.
    static func lines(of event: Data) -> [LogLine] {
        guard let json = JSONValue(event), let text = json["data"]?.string else { return [] }
        var parts = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if parts.last == "" { parts.removeLast() }
        if parts.isEmpty { parts = [""] }
        return parts.map { LogLine(text: String($0), timestamp: json["timestamp"]?.string) }
    }
}

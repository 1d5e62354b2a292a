import Essentials
import HubAPI
import Reporting
import TextTools

/// Readable forms of the Hub's times (RFC 3339).
enum RelativeTime {
    /// Returns the day, such as `2026-03-07`; empty for `nil`.
    static func day(_ text: String?) -> String { text.map { String($0.prefix(10)).visible } ?? "" }

    /// Returns `now`, `5 min ago`, `3 h ago` or `12 d ago`; text that is not a time is returned
    /// unchanged.
    static func ago(_ text: String?, now: Date = Date()) -> String {
        guard let text else { return "" }
        guard let date = Date(hub: text) else { return text.visible }
        return Duration.seconds(max(0, now.timeIntervalSince(date))).ago
    }
}

import Essentials
import HubAPI
import Reporting
import TextTools

/// Times as the Hub writes them (RFC 3339), as people read them.
enum RelativeTime {
    /// `2026-03-07`, or nothing.
    static func day(_ text: String?) -> String { text.map { String($0.prefix(10)).visible } ?? "" }

    /// `now`, `5 min ago`, `3 h ago`, `12 d ago`; what is no time stays as it is.
    static func ago(_ text: String?, now: Date = Date()) -> String {
        guard let text else { return "" }
        guard let date = Date(hub: text) else { return text.visible }
        return Duration.seconds(max(0, now.timeIntervalSince(date))).ago
    }
}

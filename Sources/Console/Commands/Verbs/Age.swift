import Foundation

/// Times as the Hub writes them (RFC 3339), as people read them.
enum Age {
    static func date(_ text: String?) -> Date? {
        guard let text else { return nil }
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? Date(text, strategy: fractional)) ?? (try? Date(text, strategy: .iso8601))
    }

    /// `2026-03-07`, or nothing.
    static func day(_ text: String?) -> String { text.map { String($0.prefix(10)).visible } ?? "" }

    /// `now`, `5 min ago`, `3 h ago`, `12 d ago`; what is no time stays as it is.
    static func ago(_ text: String?, now: Date = Date()) -> String {
        guard let text else { return "" }
        guard let date = date(text) else { return text.visible }
        let seconds = Int(clamping: Int64(max(0, now.timeIntervalSince(date))))
        switch seconds {
        case ..<60: return "now"
        case ..<3600: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }
}

import Essentials

extension Date {
    /// A time as the Hub writes it (RFC 3339), with or without parts of a second; nil for anything else.
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

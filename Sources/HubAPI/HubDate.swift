import Essentials

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

/// A token or password. It prints as dots; only `reveal()` returns the value.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    /// Trims white space at both ends; `nil` if the text is empty.
    package init?(_ text: some StringProtocol) {
        let trimmed = text.drop { $0.isWhitespace }
        let end = trimmed.lastIndex { !$0.isWhitespace }
        guard let end else { return nil }
        value = String(trimmed[...end])
    }

    /// Keeps the text unchanged, for example a private key.
    package init(exactly text: String) { value = text }

    package func reveal() -> String { value }
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

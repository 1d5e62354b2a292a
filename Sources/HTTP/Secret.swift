/// A token or password. It prints as dots; `reveal()` is its one door.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    /// Blanks and line ends around a token are no part of it; an empty one is no token.
    package init?(_ text: some StringProtocol) {
        let trimmed = text.drop { $0.isWhitespace }
        let end = trimmed.lastIndex { !$0.isWhitespace }
        guard let end else { return nil }
        value = String(trimmed[...end])
    }

    /// A secret to the letter, such as a private key.
    package init(exactly text: String) { value = text }

    package func reveal() -> String { value }
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// An error in a card: invalid front matter, or a value that the Hub would refuse.
package struct CardError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Line of the README, from 1; `nil` if the error belongs to no line.
    package var line: Int?
    /// The top-level key; `nil` if the error belongs to no key.
    package var key: String?
    /// The description of the error, as the Hub phrases it if it has a message for it.
    package var reason: String

    package init(line: Int? = nil, key: String? = nil, _ reason: String) {
        (self.line, self.key, self.reason) = (line, key, reason)
    }

    package var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}

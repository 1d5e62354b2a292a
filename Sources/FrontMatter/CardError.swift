/// What is wrong with a card: broken front matter, or a value that the Hub would refuse.
package struct CardError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Line of the README, from 1; nil when no line is to blame.
    package var line: Int?
    /// The top-level key, where one is to blame.
    package var key: String?
    /// What is wrong, in the Hub's words where it has some.
    package var reason: String

    package init(line: Int? = nil, key: String? = nil, _ reason: String) {
        (self.line, self.key, self.reason) = (line, key, reason)
    }

    package var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}

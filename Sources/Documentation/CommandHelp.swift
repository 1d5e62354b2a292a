/// The help text of one command.
package struct CommandHelp: Hashable, Sendable {
    package let name: String
    /// The arguments, as help shows them: `[SPACE…]`.
    package let synopsis: String
    /// One line, for the list of all commands.
    package let summary: String
    /// Paragraphs below the summary in `help COMMAND`; may be empty.
    package let details: String

    init(name: String, synopsis: String, summary: String, details: String = "") {
        (self.name, self.synopsis, self.summary, self.details) = (name, synopsis, summary, details)
    }
}

/// What the Hub thinks of a README's front matter, in its own words.
package struct CardValidation: Hashable, Sendable {
    package var errors: [String]
    package var warnings: [String]
    /// A push of it would be accepted.
    package var isAccepted: Bool { errors.isEmpty }

    package init(errors: [String], warnings: [String]) { (self.errors, self.warnings) = (errors, warnings) }
}

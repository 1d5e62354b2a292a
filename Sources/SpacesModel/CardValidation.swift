/// The Hub's validation result for a README's front matter, with the Hub's messages.
package struct CardValidation: Hashable, Sendable {
    package var errors: [String]
    package var warnings: [String]
    /// Whether the Hub would accept a push with this front matter.
    package var isAccepted: Bool { errors.isEmpty }

    package init(errors: [String], warnings: [String]) { (self.errors, self.warnings) = (errors, warnings) }
}

import Deploy

/// What the Hub thinks of a README's front matter.
package struct CardVerdict: Hashable, Sendable {
    package var errors: [String]
    package var warnings: [String]
    /// A push of it would be accepted.
    package var isAccepted: Bool { errors.isEmpty }
}

extension HubClient {
    /// Asks the Hub to look at a README before it is pushed: `POST /api/validate-yaml` (hub-api.md 3.5).
    package func validateYAML(_ readme: String) async throws(Failure) -> CardVerdict {
        let body: JSONValue = ["content": .string(readme), "repoType": "space"]
        let subject = "the card of README.md"
        let answer = try await ask("POST", "/api/validate-yaml", body, about: subject, isRepeatable: true)
        guard answer.isSuccess || answer.status == 400 else { throw refusal(answer, about: subject) }
        let json = try json(answer, about: subject)
        func messages(_ key: String) -> [String] {
            json[key]?.array?.compactMap { $0["message"]?.string ?? $0.string } ?? []
        }
        let errors = answer.isSuccess ? messages("errors") : HubWords.of(answer)
        return CardVerdict(
            errors: answer.isSuccess || !errors.isEmpty ? errors : ["status 400 without a word"],
            warnings: messages("warnings"))
    }
}

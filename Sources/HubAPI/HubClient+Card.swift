import HTTP
import SpacesModel
import TextTools

extension HubClient {
    /// Asks the Hub to look at a README before it is pushed: `POST /api/validate-yaml` (hub-api.md 3.5). Not asked
    /// again, and not waited for long: a deploy goes on without.
    package func validateYAML(_ readme: String) async throws(Failure) -> CardVerdict {
        let subject = "the card of README.md"
        var request = try request("POST", "/api/validate-yaml", about: subject, isRepeatable: false)
        let body: JSON = ["content": .string(readme), "repoType": "space"]
        request.body = .bytes(body.data)
        request.headers["Content-Type"] = "application/json"
        request.deadline = .seconds(10)
        let answer: Response
        do throws(HTTPFailure) { answer = try await client.send(request, meter: meter) } catch {
            throw Failure(error, at: host, while: "asking about \(subject)")
        }
        return try verdict(answer, about: subject)
    }

    /// Only a list of errors is a verdict against a card: a 400 may have other reasons.
    private func verdict(_ answer: Response, about subject: String) throws(Failure) -> CardVerdict {
        guard answer.isSuccess || answer.status == 400 else { throw refusal(answer, about: subject) }
        let json = try json(answer, about: subject)
        func messages(_ key: String) -> [String] {
            json[key].array?.compactMap { $0["message"].string ?? $0.string } ?? []
        }
        let errors = messages("errors")
        guard answer.isSuccess || !errors.isEmpty else { throw refusal(answer, about: subject) }
        return CardVerdict(errors: errors, warnings: messages("warnings"))
    }
}

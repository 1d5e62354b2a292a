import HTTP
import SpacesModel
import TextTools

extension HubClient {
    /// Asks the Hub to look at a README before it is pushed: `POST /api/validate-yaml` (hub-api.md 3.5). Not asked
    /// again, and not waited for long: a deploy goes on without.
    package func validateYAML(_ readme: String) async throws(DeployError) -> CardValidation {
        let subject = "the card of README.md"
        var request = try makeRequest("POST", "/api/validate-yaml", about: subject, isRepeatable: false)
        let body: JSON = ["content": .string(readme), "repoType": "space"]
        request.body = .bytes(body.data)
        request.headers["Content-Type"] = "application/json"
        request.deadline = .seconds(10)
        let answer: HTTPClientResponse
        do throws(HTTPError) { answer = try await client.send(request, meter: meter) } catch {
            throw DeployError(error, at: host, while: "asking about \(subject)")
        }
        return try validation(answer, about: subject)
    }

    /// Only a list of errors is a verdict against a card: a 400 may have other reasons.
    private func validation(_ response: HTTPClientResponse, about subject: String) throws(DeployError)
        -> CardValidation
    {
        guard response.isSuccess || response.status == 400 else {
            throw responseError(response, about: subject)
        }
        let json = try parseJSON(response, about: subject)
        func messages(_ key: String) -> [String] {
            json[key].array?.compactMap { $0["message"].string ?? $0.string } ?? []
        }
        let errors = messages("errors")
        guard response.isSuccess || !errors.isEmpty else { throw responseError(response, about: subject) }
        return CardValidation(errors: errors, warnings: messages("warnings"))
    }
}

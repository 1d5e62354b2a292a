import HTTP
import SpacesModel
import TextTools

extension HubClient {
    /// Validates a README's card with the Hub before it is pushed: `POST /api/validate-yaml`
    /// (hub-api.md 3.5). Sent without retries and with a limit of 10 seconds, as a deploy can continue
    /// without it.
    package func validateYAML(_ readme: String) async throws(DeployError) -> CardValidation {
        let subject = "the card of README.md"
        var request = try makeRequest("POST", "/api/validate-yaml", about: subject, isRepeatable: false)
        let body: JSON = ["content": .string(readme), "repoType": "space"]
        request.body = .bytes(body.data)
        request.headers["Content-Type"] = "application/json"
        request.deadline = .seconds(10)
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await client.send(request, meter: meter) } catch {
            throw DeployError(error, at: host, while: "asking about \(subject)")
        }
        return try validation(response, about: subject)
    }

    /// Parses the validation result. A card is invalid only if errors are listed: a 400 may have other
    /// reasons.
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

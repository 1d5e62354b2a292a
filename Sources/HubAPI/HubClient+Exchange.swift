import HTTP
import SpacesModel
import TextTools

extension HubClient {
    /// Exchanges a CI job's OIDC token for a token that can write to one repository for an hour: `POST
    /// /oauth/token` (https://huggingface.co/docs/hub/trusted-publishers, RFC 8693).
    /// - Parameter resource: `spaces/owner/name`.
    /// - Throws: `.permissionDenied` if the job is not a trusted publisher of the repository.
    package func exchange(idToken: Secret, for resource: String) async throws(DeployError) -> Secret {
        let body: JSON = [
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "subject_token": .string(idToken.reveal()), "resource": .string(resource),
        ]
        let response = try await send("POST", "/oauth/token", body, about: resource, isRepeatable: true)
        guard response.isSuccess else {
            guard (400..<404).contains(response.status) else {
                throw responseError(response, about: resource)
            }
            throw DeployError(
                .permissionDenied, "\(host) gives this CI job no token for \(resource)",
                details: HubErrorMessage.parse(response),
                hint: "name the job's repository as a trusted publisher in the settings of \(resource): "
                    + "https://huggingface.co/docs/hub/trusted-publishers")
        }
        guard
            let token = try parseJSON(response, about: resource)["access_token"].string.flatMap({ Secret($0) }
            )
        else {
            throw DeployError(.tryLater, "\(host) gives no token for \(resource)", hint: "try again later")
        }
        return token
    }
}

import Essentials
import HTTP
import SpacesModel

/// An unsuccessful response of the Hub, and the `DeployError` for it (hub-api.md 8.2).
struct HubErrorResponse {
    let response: HTTPClientResponse
    let host: String
    /// The subject of the request: a Space's id, or a description of the requested object.
    let subject: String
    let hasToken: Bool

    var failure: DeployError {
        let messages = HubErrorMessage.parse(response)
        switch response.status {
        case 401: return unauthorized(messages)
        case 402:
            return DeployError(
                .permissionDenied, message("requires a paid plan for"), details: messages,
                hint: HubClient.paymentHint)
        case 403:
            return DeployError(
                .permissionDenied, message("does not allow this for"), details: messages,
                hint: permissionHint(messages))
        case 404: return notFound(messages)
        case 408, 425, 429, 500...599: return temporarilyUnavailable(messages)
        default:
            let text = message("refused the request (status \(response.status)) for")
            return DeployError(
                .refused, text, details: messages,
                hint: messages.isEmpty ? "check the address and the token" : nil)
        }
    }

    private func message(_ predicate: String) -> String { "\(host) \(predicate) \(subject)" }

    private func unauthorized(_ messages: [String]) -> DeployError {
        guard hasToken else {
            return DeployError(
                .permissionDenied, message("requires a token for"), details: messages,
                hint:
                    "set HF_TOKEN or run hf auth login; without a token, private and missing Spaces look the same"
            )
        }
        let combined = messages.joined(separator: " ").lowercased()
        let state =
            combined.contains("expired")
            ? "has expired" : combined.contains("revoked") ? "was revoked" : "is not valid"
        return DeployError(
            .permissionDenied, "\(host) refused the token for \(subject): it \(state)", details: messages,
            hint:
                "create a new one with write permission at https://huggingface.co/settings/tokens"
        )
    }

    private func permissionHint(_ messages: [String]) -> String {
        let combined = messages.joined(separator: " ").lowercased()
        if combined.contains("quota") {
            return "pause another Space, or upgrade your plan: https://huggingface.co/pricing"
        }
        if combined.contains("payment method") {
            return "add a payment method: https://huggingface.co/settings/billing"
        }
        if combined.contains("revoked") || combined.contains("policy") || combined.contains("approv") {
            return "ask an administrator of the organization, or use a token that its policy allows"
        }
        return "the token needs write permission for \(subject): https://huggingface.co/settings/tokens"
    }

    private func notFound(_ messages: [String]) -> DeployError {
        if response.isWebPage, !response.isFromHub { return .notAHub(at: host) }
        guard SpaceID(subject) != nil else {
            return DeployError(
                .refused, message("returned 404 (not found) for"), details: messages,
                hint: "check HF_ENDPOINT: it may not be a Hub")
        }
        let tokenNote = hasToken ? ", or the token cannot access it" : ""
        return DeployError(
            .refused, "no such Space on \(host): \(subject)\(tokenNote)", details: messages,
            hint: "check the spelling, or create it with push --create", cause: .spaceMissing)
    }

    /// Parses `Retry-After` as a number of seconds, up to a day; `nil` if it is a date or anything else.
    private static func seconds(_ value: String?) -> Int? {
        guard let text = value?.trimmingSpaces(), text.utf8.count <= 5,
            text.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int(text), seconds <= 86_400
        else { return nil }
        return seconds
    }

    private func temporarilyUnavailable(_ messages: [String]) -> DeployError {
        let wait = Self.seconds(response.headers["Retry-After"]).map { "; retry after \($0) s" } ?? ""
        let problem = response.status == 429 ? "reported too many requests" : "reported an error"
        let message = "\(host) \(problem) (status \(response.status)) for \(subject)\(wait)"
        return DeployError(
            .tryLater, message, details: messages,
            hint: "try again later; see https://status.huggingface.co")
    }
}

extension HubClient {
    /// The hint for status 402: since July 2026 Docker and Gradio Spaces on free hardware require a
    /// plan (hub-api.md 3.2).
    package static let paymentHint =
        "use a PRO or Team subscription (https://huggingface.co/pro), sdk = static (free), or "
        + "hardware = cpu-upgrade (paid by use) with a payment method (https://huggingface.co/settings/billing)"
}

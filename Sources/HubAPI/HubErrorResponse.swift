import Essentials
import HTTP
import SpacesModel

/// What an answer that is no success means (hub-api.md 8.2).
struct HubErrorResponse {
    let response: HTTPClientResponse
    let host: String
    /// What it is about: a Space's id, or what was asked for.
    let subject: String
    let hasToken: Bool

    var failure: DeployError {
        let words = HubErrorMessage.parse(response)
        switch response.status {
        case 401: return unauthorized(words)
        case 402:
            return DeployError(
                .permissionDenied, message("wants a paid plan for"), details: words,
                hint: DeployError.paymentHint)
        case 403:
            return DeployError(
                .permissionDenied, message("does not allow this for"), details: words,
                hint: permissionHint(words))
        case 404: return notFound(words)
        case 408, 425, 429, 500...599: return temporarilyUnavailable(words)
        default:
            let what = message("refused the request (status \(response.status)) for")
            return DeployError(
                .refused, what, details: words,
                hint: words.isEmpty ? "look at the address and the token" : nil)
        }
    }

    private func message(_ what: String) -> String { "\(host) \(what) \(subject)" }

    private func unauthorized(_ messages: [String]) -> DeployError {
        guard hasToken else {
            return DeployError(
                .permissionDenied, message("wants a token for"), details: messages,
                hint:
                    "set HF_TOKEN or run hf auth login; without a token a Space that is private or missing looks the same"
            )
        }
        let all = messages.joined(separator: " ").lowercased()
        let state =
            all.contains("expired") ? "has expired" : all.contains("revoked") ? "was revoked" : "is not valid"
        return DeployError(
            .permissionDenied, "\(host) refused the token for \(subject): it \(state)", details: messages,
            hint:
                "make a new one with write permission at https://huggingface.co/settings/tokens"
        )
    }

    private func permissionHint(_ messages: [String]) -> String {
        let all = messages.joined(separator: " ").lowercased()
        if all.contains("quota") {
            return "pause another Space, or take a plan with more: https://huggingface.co/pricing"
        }
        if all.contains("payment method") {
            return "add a payment method: https://huggingface.co/settings/billing"
        }
        if all.contains("revoked") || all.contains("policy") || all.contains("approv") {
            return "ask an administrator of the organization, or use a token that its policy allows"
        }
        return "the token needs write permission for \(subject): https://huggingface.co/settings/tokens"
    }

    private func notFound(_ messages: [String]) -> DeployError {
        if response.isWebPage, !response.isFromHub { return .notAHub(at: host) }
        guard SpaceID(subject) != nil else {
            return DeployError(
                .refused, message("does not know (404)"), details: messages,
                hint: "check HF_ENDPOINT: is it a Hub?")
        }
        let sight = hasToken ? ", or the token may not see it" : ""
        return DeployError(
            .refused, "no such Space on \(host): \(subject)\(sight)", details: messages,
            hint: "check the spelling; push --create makes it", cause: .spaceMissing)
    }

    /// `Retry-After` as a number of seconds, up to a day; `nil` for a date or anything else.
    private static func seconds(_ value: String?) -> Int? {
        guard let text = value?.trimmingSpaces(), text.utf8.count <= 5,
            text.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int(text), seconds <= 86_400
        else { return nil }
        return seconds
    }

    private func temporarilyUnavailable(_ messages: [String]) -> DeployError {
        let wait = Self.seconds(response.headers["Retry-After"]).map { "; it asks to wait \($0) s" } ?? ""
        let what = response.status == 429 ? "answers that there were too many requests" : "has a fault"
        let message = "\(host) \(what) (status \(response.status)) for \(subject)\(wait)"
        return DeployError(
            .tryLater, message, details: messages,
            hint: "try again later; https://status.huggingface.co tells more")
    }
}

extension DeployError {
    /// Since July 2026 a Docker or Gradio Space on free hardware needs a plan (hub-api.md 3.2).
    package static let paymentHint =
        "two ways out: a PRO or Team subscription (https://huggingface.co/pro), or what is free or paid by use: "
        + "sdk = static, or hardware = cpu-upgrade with a payment method (https://huggingface.co/settings/billing)"
}

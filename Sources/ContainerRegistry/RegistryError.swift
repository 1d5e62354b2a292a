import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// An unsuccessful response of a registry, and the `DeployError` for it (hub-api.md 10.3).
struct RegistryError {
    let image: ImageReference
    /// The host that sent the response.
    let host: String
    let response: HTTPClientResponse
    /// The user whose credentials were sent with the request; `nil` if none were.
    var user: String?
    /// The host that requires credentials but is not covered by the configured ones; `nil` if there is none.
    var withheldFrom: String?
    /// The existing tags of the repository, as far as known.
    var tags: [String] = []

    var failure: DeployError {
        switch response.status {
        case 401, 403: accessDenied
        case 404: notFound
        case 408, 425, 429, 500...599: temporarilyUnavailable
        default:
            DeployError(
                .refused, "\(host) refuses image \(image.familiar) (status \(response.status))",
                details: messages,
                hint: response.isWebPage ? "this is a web page: is \(host) a registry?" : nil)
        }
    }

    private var messages: [String] { HubErrorMessage.parse(response) }
    private var codes: [String] {
        JSON(response.body)?["errors"].array?.compactMap { $0["code"].string } ?? []
    }

    private var accessDenied: DeployError {
        if let user {
            return DeployError(
                .permissionDenied, "\(host) does not let \(user) read image \(image.familiar)",
                details: messages,
                hint:
                    "check the spelling, and what the token of [source \"https://\(image.registry)\"] may read"
            )
        }
        if let withheldFrom {
            return DeployError(
                .permissionDenied,
                "image \(image.familiar) is private, and its registry wants the credentials told to \(withheldFrom)",
                details: messages, hint: "name \(withheldFrom) with them, if it belongs to \(image.registry)")
        }
        return DeployError(
            .permissionDenied,
            "\(host) shows image \(image.familiar) to nobody without credentials: private, or not there",
            details: messages,
            hint:
                "check the spelling, and make the image public: the Hub's builder has no credentials for registries"
        )
    }

    private var notFound: DeployError {
        guard !codes.contains("NAME_UNKNOWN"), let tag = image.tag, image.digest == nil else {
            let name = image.digest == nil ? image.familiarName : image.familiar
            return DeployError(
                .refused, "no such image on \(image.registry): \(name)", details: messages,
                hint: "check the spelling, and that it was pushed")
        }
        let suggestion = nearest(tag, among: tags).map { "did you mean \($0)? " } ?? ""
        let existing = tags.isEmpty ? "" : "tags that there are: \(tags.suffix(8).joined(separator: ", "))"
        return DeployError(
            .refused, "no such tag on \(image.registry): \(image.familiarName):\(tag)", details: messages,
            hint: tags.isEmpty ? "check the spelling, and that it was pushed" : suggestion + existing)
    }

    private var temporarilyUnavailable: DeployError {
        let problem = response.status == 429 ? "answers that there were too many requests" : "has a fault"
        let limitHint =
            "; username and token in [source \"https://\(image.registry)\"] raise the limit"
        let hint = "try again later" + (response.status == 429 && user == nil ? limitHint : "")
        return DeployError(
            .tryLater, "\(host) \(problem) (status \(response.status)) for image \(image.familiar)",
            details: messages,
            hint: hint)
    }
}

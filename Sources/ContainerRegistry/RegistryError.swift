import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// What an answer of a registry that is no success means for a deploy (hub-api.md 10.3).
struct RegistryError {
    let image: ImageReference
    /// Who answered.
    let host: String
    let response: HTTPClientResponse
    /// Whose credentials went along.
    var user: String?
    /// A host that wanted credentials, and is not named with those that there are.
    var withheldFrom: String?
    /// Tags that there are.
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
            let what = image.digest == nil ? image.familiarName : image.familiar
            return DeployError(
                .refused, "no such image on \(image.registry): \(what)", details: messages,
                hint: "check the spelling, and that it was pushed")
        }
        let near = nearest(tag, among: tags).map { "did you mean \($0)? " } ?? ""
        let known = tags.isEmpty ? "" : "tags that there are: \(tags.suffix(8).joined(separator: ", "))"
        return DeployError(
            .refused, "no such tag on \(image.registry): \(image.familiarName):\(tag)", details: messages,
            hint: tags.isEmpty ? "check the spelling, and that it was pushed" : near + known)
    }

    private var temporarilyUnavailable: DeployError {
        let what = response.status == 429 ? "answers that there were too many requests" : "has a fault"
        let raises =
            "; username and token in [source \"https://\(image.registry)\"] raise the limit"
        let hint = "try again later" + (response.status == 429 && user == nil ? raises : "")
        return DeployError(
            .tryLater, "\(host) \(what) (status \(response.status)) for image \(image.familiar)",
            details: messages,
            hint: hint)
    }
}

import Digest
import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// The manifest that a registry returns for a name: one image, or an index of images for several platforms
/// (https://github.com/opencontainers/image-spec).
struct RegistryManifest {
    enum Content {
        case index([Entry])
        /// One image. `size` is the total of the compressed layers, in bytes.
        case image(config: String?, size: Int)
        case oldFormat
        /// The JSON exceeds a limit, which is described.
        case tooLarge(String)
        case unknown
    }

    struct Entry: Hashable {
        var platform: String
        var digest: String
    }

    /// The four media types, always sent together: a registry that stores the tag as a type that is not
    /// accepted responds that there is no such tag.
    static let accepted = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ].joined(separator: ", ")

    let content: Content
    /// The digest of the received bytes.
    let digest: String
    let mediaType: String

    init(_ response: HTTPClientResponse) {
        digest = Self.digest(of: response.body)
        do throws(JSON.ParseError) {
            let body = try JSON.read(response.body)
            mediaType = response.mediaType ?? body["mediaType"].string ?? ""
            content = Self.content(body)
        } catch {
            mediaType = response.mediaType ?? ""
            content = error.exceededLimit.map(Content.tooLarge) ?? .unknown
        }
    }

    static func digest(of bytes: Data) -> String {
        "sha256:"
            + SHA256.hash(of: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private static func content(_ body: JSON) -> Content {
        let isImage = !body["layers"].isNull || !body["config"].isNull
        if body["schemaVersion"].number == 1 { return .oldFormat }
        if let manifests = body["manifests"].array, !isImage { return .index(manifests.compactMap(entry)) }
        guard let layers = body["layers"].array, body["manifests"].isNull else { return .unknown }
        let size = layers.reduce(0.0) { $0 + min(max($1["size"].number ?? 0, 0), 1e15) }
        let config = body["config"]["digest"].string.flatMap { ImageReference.isDigest($0) ? $0 : nil }
        return .image(config: config, size: Int(min(size, 1e15)))
    }

    private static func entry(_ value: JSON) -> Entry? {
        guard let digest = value["digest"].string, ImageReference.isDigest(digest),
            let platform = platform(value["platform"])
        else { return nil }
        return Entry(platform: platform, digest: digest)
    }

    /// Returns a platform such as `linux/amd64` or `linux/arm/v7`; `nil` if the entry is not a runnable
    /// image, such as an attestation (`unknown/unknown`).
    static func platform(_ value: JSON?) -> String? {
        let parts = ["os", "architecture", "variant"].map { value?[$0].string ?? "" }
        guard !parts[0].isEmpty, !parts[1].isEmpty, parts[0] != "unknown" else { return nil }
        // Current machines run all variants of amd64.
        let isVaried = !parts[2].isEmpty && parts[1] != "amd64"
        return parts.prefix(isVaried ? 3 : 2).joined(separator: "/")
    }
}

extension HTTPClientResponse {
    /// The value of `Content-Type` without its parameters, in lower case.
    var mediaType: String? {
        headers["Content-Type"]?.split(separator: ";").first.map {
            $0.trimmingSpaces().lowercased()
        }
    }
}

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
                .refused, "\(host) refused image \(image.familiar) (status \(response.status))",
                details: messages,
                hint: response.isWebPage ? "the response is a web page: \(host) may not be a registry" : nil)
        }
    }

    private var messages: [String] { HubErrorMessage.parse(response) }
    private var codes: [String] {
        JSON(response.body)?["errors"].array?.compactMap { $0["code"].string } ?? []
    }

    private var accessDenied: DeployError {
        if let user {
            return DeployError(
                .permissionDenied, "\(host) does not allow \(user) to read image \(image.familiar)",
                details: messages,
                hint:
                    "check the spelling, and the permissions of the token in [source \"https://\(image.registry)\"]"
            )
        }
        if let withheldFrom {
            return DeployError(
                .permissionDenied,
                "image \(image.familiar) is private, and its registry requires the credentials to be sent to \(withheldFrom)",
                details: messages,
                hint: "if \(withheldFrom) belongs to \(image.registry), set the credentials for it, too")
        }
        return DeployError(
            .permissionDenied,
            "\(host) requires credentials for image \(image.familiar): it is private or does not exist",
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
        let existing = tags.isEmpty ? "" : "existing tags: \(tags.suffix(8).joined(separator: ", "))"
        return DeployError(
            .refused, "no such tag on \(image.registry): \(image.familiarName):\(tag)", details: messages,
            hint: tags.isEmpty ? "check the spelling, and that it was pushed" : suggestion + existing)
    }

    private var temporarilyUnavailable: DeployError {
        let problem = response.status == 429 ? "reported too many requests" : "reported an error"
        let limitHint =
            "; set username and token in [source \"https://\(image.registry)\"] to raise the limit"
        let hint = "try again later" + (response.status == 429 && user == nil ? limitHint : "")
        return DeployError(
            .tryLater, "\(host) \(problem) (status \(response.status)) for image \(image.familiar)",
            details: messages,
            hint: hint)
    }
}

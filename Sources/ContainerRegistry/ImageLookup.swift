import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// The questions about one image to its registry.
struct ImageLookup {
    let image: ImageReference
    let client: RegistryClient
    let registry: Origin
    private let base: URL
    /// Who asks, as far as the registry wanted to know.
    private var registryAuthorization = RegistryAuthorization()

    var host: String { registry.description }

    init(_ image: ImageReference, client: RegistryClient) async throws(DeployError) {
        let host = image.registry == "docker.io" ? "registry-1.docker.io" : image.registry
        guard let parsed = try? RemoteURL("https://\(host)"), parsed.user == nil, parsed.tail.isEmpty,
            let secure = URL(string: "https://\(host)"), let plain = URL(string: "http://\(host)"),
            let loopback = Origin(plain), let origin = Origin(secure)
        else { throw DeployError(.settings, "image = \(image.familiar): no address can be made of \(host)") }
        let isPlain = loopback.isLoopback && client.ssrfGuard.isAllowed(loopback)
        (self.image, self.client) = (image, client)
        (base, registry) = isPlain ? (plain, loopback) : (secure, origin)
        if let objection = await client.ssrfGuard.rejectionReason(to: base, trustedOrigin: registry) {
            throw DeployError(
                .settings, "image = \(image.familiar): \(host) is not asked: \(objection)",
                hint:
                    "if it is meant, name it yourself: --image \(image.familiar), or image in your own settings "
                    + "(git config), not in a file of the source; the Hub's builder must reach it, too")
        }
    }

    /// The image, when its name still stands for this digest. A HEAD is no pull.
    mutating func resolveIfUnchanged(_ digest: String) async throws(DeployError) -> ResolvedImage? {
        let answer = try await fetch("HEAD", manifestPath)
        guard answer.status == 200, answer.headers["Docker-Content-Digest"] == digest else { return nil }
        return ResolvedImage(
            image, digest: digest, mediaType: answer.mediaType ?? "",
            isPrivate: registryAuthorization.isPrivate)
    }

    /// The manifest that the name stands for, with its digest proven.
    mutating func fetchManifest() async throws(DeployError) -> RegistryManifest {
        let answer = try await fetch("GET", manifestPath)
        guard answer.status == 200 else { throw await responseError(answer) }
        let manifest = RegistryManifest(answer)
        let said = answer.headers["Docker-Content-Digest"].flatMap { ImageReference.isDigest($0) ? $0 : nil }
        try verifyDigest(manifest.digest, image.digest ?? said)
        try verifyDigest(manifest.digest, said)
        return manifest
    }

    /// Reads what one image was built for.
    /// - Throws: `.refused` when the Hub's machines cannot run it.
    mutating func checkPlatform(_ config: String) async throws(DeployError) {
        let answer = try await fetch("GET", "/v2/\(image.repository)/blobs/\(config)", accept: "*/*")
        guard answer.status == 200 else { throw await responseError(answer) }
        try verifyDigest(RegistryManifest.digest(of: answer.body), config)
        let excess = JSON.exceededLimits(of: answer.body)
        guard excess.isEmpty else {
            throw DeployError(
                .refused, "the configuration of image \(image.familiar) cannot be read", details: excess,
                hint: "the Hub's builder reads it, too: use another image")
        }
        let platform = RegistryManifest.platform(JSON(answer.body))
        guard let platform, platform != RegistryClient.platform else { return }
        throw platformError([platform])
    }

    func resolved(_ manifest: RegistryManifest, among entries: [RegistryManifest.Entry]) throws(DeployError)
        -> ResolvedImage
    {
        guard let entry = entries.first(where: { $0.platform == RegistryClient.platform }) else {
            throw platformError(entries.map(\.platform))
        }
        return ResolvedImage(
            image, digest: manifest.digest, mediaType: manifest.mediaType, platformDigest: entry.digest,
            isPrivate: registryAuthorization.isPrivate)
    }

    func resolved(_ manifest: RegistryManifest, size: Int) -> ResolvedImage {
        ResolvedImage(
            image, digest: manifest.digest, mediaType: manifest.mediaType, size: size,
            isPrivate: registryAuthorization.isPrivate)
    }

    private var manifestPath: String {
        "/v2/\(image.repository)/manifests/\(image.digest ?? image.tag ?? "latest")"
    }

    private func verifyDigest(_ digest: String, _ claimed: String?) throws(DeployError) {
        guard let claimed, claimed != digest else { return }
        throw DeployError(
            .refused, "\(host) sends something else for image \(image.familiar) than its digest says",
            details: ["it should be \(claimed)", "it is \(digest)"],
            hint: "do not use it: the registry, or a proxy before it, is broken or not to be trusted")
    }

    private func platformError(_ platforms: [String]) -> DeployError {
        let there =
            platforms.isEmpty ? "nothing that can be run" : platforms.prefix(12).joined(separator: ", ")
        return DeployError(
            .refused,
            "image \(image.familiar) is not built for \(RegistryClient.platform), which the Hub runs: there is \(there)",
            hint:
                "docker buildx build --platform \(RegistryClient.platform) --tag \(image.unpinned.familiar) --push ."
        )
    }

    private mutating func responseError(_ response: HTTPClientResponse) async -> DeployError {
        var refusal = RegistryError(image: image, host: host, response: response)
        (refusal.user, refusal.withheldFrom) = (
            registryAuthorization.user, registryAuthorization.withheldFrom
        )
        if response.status == 404 { refusal.tags = await fetchTags() }
        return refusal.failure
    }

    /// What there is instead; none when the registry does not say.
    private mutating func fetchTags() async -> [String] {
        let path = "/v2/\(image.repository)/tags/list?n=1000"
        guard let answer = try? await fetch("GET", path, accept: "application/json"), answer.isSuccess else {
            return []
        }
        let tags = JSON(answer.body)?["tags"].array?.compactMap(\.string) ?? []
        return tags.filter { (try? ImageReference("x:\($0)")) != nil }
    }
}

extension ImageLookup {
    /// Asks the registry, showing it more as it wants to see more. Every status is an answer.
    private mutating func fetch(
        _ method: String, _ path: String, accept: String = RegistryManifest.accepted
    ) async throws(DeployError) -> HTTPClientResponse {
        guard let url = URL(string: base.absoluteString + path) else {
            throw DeployError(.internalError, "no address can be made of \(path) at \(host)")
        }
        let route = RegistryRedirectPolicy(image: image, registry: registry, client: client)
        var answer = try await route.fetch(method, url, accept: accept, registryAuthorization.authorization)
        while try await registryAuthorization.escalate(after: answer, on: route) {
            answer = try await route.fetch(method, url, accept: accept, registryAuthorization.authorization)
        }
        return answer
    }
}

import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Requests to the registry of one image: manifest, platform and tags.
struct ImageLookup {
    let image: ImageReference
    let client: RegistryClient
    let registry: Origin
    private let base: URL
    /// The credentials or token sent to the registry so far.
    private var registryAuthorization = RegistryAuthorization()

    var host: String { registry.description }

    init(_ image: ImageReference, client: RegistryClient) async throws(DeployError) {
        let host = image.registry == "docker.io" ? "registry-1.docker.io" : image.registry
        guard let parsed = try? RemoteURL("https://\(host)"), parsed.user == nil, parsed.tail.isEmpty,
            let secure = URL(string: "https://\(host)"), let plain = URL(string: "http://\(host)"),
            let loopback = Origin(plain), let origin = Origin(secure)
        else {
            throw DeployError(.settings, "image = \(image.familiar): \"\(host)\" is not a valid registry")
        }
        let isPlain = loopback.isLoopback && client.ssrfGuard.isAllowed(loopback)
        (self.image, self.client) = (image, client)
        (base, registry) = isPlain ? (plain, loopback) : (secure, origin)
        if let reason = await client.ssrfGuard.rejectionReason(to: base, trustedOrigin: registry) {
            throw DeployError(
                .settings, "image = \(image.familiar): \(host) is not contacted: \(reason)",
                hint:
                    "to allow it, use --image \(image.familiar), or set image in your own settings "
                    + "(git config), not in a file of the source; the Hub's builder must be able to reach it")
        }
    }

    /// Returns the image, or `nil` if its name does not resolve to this digest any more. Uses HEAD,
    /// which does not count as a pull.
    mutating func resolveIfUnchanged(_ digest: String) async throws(DeployError) -> ResolvedImage? {
        let response = try await fetch("HEAD", manifestPath)
        guard response.status == 200, response.headers["Docker-Content-Digest"] == digest else { return nil }
        return ResolvedImage(
            image, digest: digest, mediaType: response.mediaType ?? "",
            isPrivate: registryAuthorization.isPrivate)
    }

    /// Fetches the manifest that the name resolves to, and verifies its digest.
    mutating func fetchManifest() async throws(DeployError) -> RegistryManifest {
        let response = try await fetch("GET", manifestPath)
        guard response.status == 200 else { throw await responseError(response) }
        let manifest = RegistryManifest(response)
        let announced = response.headers["Docker-Content-Digest"].flatMap {
            ImageReference.isDigest($0) ? $0 : nil
        }
        try verifyDigest(manifest.digest, image.digest ?? announced)
        try verifyDigest(manifest.digest, announced)
        return manifest
    }

    /// Fetches the platform of an image from its configuration.
    /// - Throws: `.refused` if it is not the Hub's platform, `linux/amd64`.
    mutating func checkPlatform(_ config: String) async throws(DeployError) {
        let response = try await fetch("GET", "/v2/\(image.repository)/blobs/\(config)", accept: "*/*")
        guard response.status == 200 else { throw await responseError(response) }
        try verifyDigest(RegistryManifest.digest(of: response.body), config)
        let limits = JSON.exceededLimits(of: response.body)
        guard limits.isEmpty else {
            throw DeployError(
                .refused, "the configuration of image \(image.familiar) cannot be read", details: limits,
                hint: "use another image: the Hub's builder must read it, too")
        }
        let platform = RegistryManifest.platform(JSON(response.body))
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
            .refused, "\(host) returned content for image \(image.familiar) that does not match its digest",
            details: ["expected \(claimed)", "received \(digest)"],
            hint: "do not use it: the registry, or a proxy in front of it, is faulty or cannot be trusted")
    }

    private func platformError(_ platforms: [String]) -> DeployError {
        let available =
            platforms.isEmpty ? "no platform" : platforms.prefix(12).joined(separator: ", ")
        return DeployError(
            .refused,
            "image \(image.familiar) is not built for \(RegistryClient.platform), which the Hub requires; available: \(available)",
            hint:
                "run docker buildx build --platform \(RegistryClient.platform) --tag \(image.unpinned.familiar) --push ."
        )
    }

    private mutating func responseError(_ response: HTTPClientResponse) async -> DeployError {
        var error = RegistryError(image: image, host: host, response: response)
        (error.user, error.withheldFrom) = (
            registryAuthorization.user, registryAuthorization.withheldFrom
        )
        if response.status == 404 { error.tags = await fetchTags() }
        return error.failure
    }

    /// Returns the tags of the repository; empty if the registry does not list them.
    private mutating func fetchTags() async -> [String] {
        let path = "/v2/\(image.repository)/tags/list?n=1000"
        guard let response = try? await fetch("GET", path, accept: "application/json"), response.isSuccess
        else {
            return []
        }
        let tags = JSON(response.body)?["tags"].array?.compactMap(\.string) ?? []
        return tags.filter { (try? ImageReference("x:\($0)")) != nil }
    }
}

extension ImageLookup {
    /// Sends a request, and repeats it with stronger authentication as long as the registry asks for
    /// it. Returns responses of every status.
    private mutating func fetch(
        _ method: String, _ path: String, accept: String = RegistryManifest.accepted
    ) async throws(DeployError) -> HTTPClientResponse {
        guard let url = URL(string: base.absoluteString + path) else {
            throw DeployError(.internalError, "no URL can be created for \(path) at \(host)")
        }
        let policy = RegistryRedirectPolicy(image: image, registry: registry, client: client)
        var response = try await policy.fetch(
            method, url, accept: accept, registryAuthorization.authorization)
        while try await registryAuthorization.escalate(after: response, on: policy) {
            response = try await policy.fetch(
                method, url, accept: accept, registryAuthorization.authorization)
        }
        return response
    }
}

/// Client of container registries that resolves image names to digests
/// (https://github.com/opencontainers/distribution-spec,
/// https://distribution.github.io/distribution/spec/auth/token/).
package struct RegistryClient: ImageResolver {
    let client: HTTPClient
    let credentials: [RegistryCredentials]
    let ssrfGuard: SSRFGuard
    let meter: TrafficCounter?

    /// - Parameters:
    ///   - credentials: the operator's credentials for registries. Hub tokens are never sent to a registry.
    ///   - allowedHosts: registries (`host` or `host:port`) that the operator configured: these may be
    ///     on this machine (then without TLS) or in a private network.
    package init(
        _ client: HTTPClient, credentials: [RegistryCredentials] = [], allowedHosts: Set<String> = [],
        meter: TrafficCounter? = nil
    ) {
        let ssrfGuard = SSRFGuard(allowedHosts: Set(allowedHosts.map { $0.lowercased() }))
        self.init(client, credentials: credentials, ssrfGuard: ssrfGuard, meter: meter)
    }

    init(
        _ client: HTTPClient, credentials: [RegistryCredentials], ssrfGuard: SSRFGuard,
        meter: TrafficCounter? = nil
    ) {
        (self.client, self.credentials, self.ssrfGuard, self.meter) = (client, credentials, ssrfGuard, meter)
    }

    /// The platform that the Hub runs images on.
    static let platform = "linux/amd64"

    package func resolve(_ reference: ImageReference, known: String?) async throws(DeployError)
        -> ResolvedImage
    {
        var lookup = try await ImageLookup(reference, client: self)
        if let known, let image = try await lookup.resolveIfUnchanged(known) { return image }
        let manifest = try await lookup.fetchManifest()
        switch manifest.content {
        case .index(let entries): return try lookup.resolved(manifest, among: entries)
        case .image(let config, let size):
            if let config { try await lookup.checkPlatform(config) }
            return lookup.resolved(manifest, size: size)
        case .oldFormat:
            throw DeployError(
                .refused,
                "image \(reference.familiar) uses the old format (schema 1), which builders no longer support",
                hint: "build and push it again with a current version of Docker")
        case .tooLarge(let limit):
            throw DeployError(
                .refused, "\(lookup.host): the JSON for \(reference.familiar) exceeds a limit: \(limit)",
                hint: "use an image with fewer layers or platforms")
        case .unknown:
            throw DeployError(
                .refused, "\(lookup.host) did not return a valid image for \(reference.familiar)",
                hint: "check the name: \(lookup.host) may not be a registry")
        }
    }
}

import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

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
                "image \(reference.familiar) is in the old format (schema 1) that builders no longer take",
                hint: "build and push it again with a docker of this decade")
        case .tooLarge(let limit):
            throw DeployError(
                .refused, "\(lookup.host): the JSON for \(reference.familiar) is over a limit: \(limit)",
                hint: "use an image with fewer layers or platforms")
        case .unknown:
            throw DeployError(
                .refused, "\(lookup.host) answers something that is no image for \(reference.familiar)",
                hint: "check the name: is \(lookup.host) a registry?")
        }
    }
}

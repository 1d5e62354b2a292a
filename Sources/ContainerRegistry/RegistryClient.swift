import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Asks registries of images what a name stands for now
/// (https://github.com/opencontainers/distribution-spec, https://distribution.github.io/distribution/spec/auth/token/).
package struct RegistryClient: ImageResolver {
    let client: HTTPClient
    let credentials: [RegistryCredentials]
    let ssrfGuard: SSRFGuard
    let meter: TrafficCounter?

    /// - Parameters:
    ///   - credentials: the operator's for registries. A token of the Hub never goes to one.
    ///   - allowedHosts: registries (`host` or `host:port`) that the operator names: they may be on this machine
    ///     (then without TLS) or in a private network.
    package init(
        _ client: HTTPClient, credentials: [RegistryCredentials] = [], allowedHosts: Set<String> = [],
        meter: TrafficCounter? = nil
    ) {
        let gate = SSRFGuard(allowedHosts: Set(allowedHosts.map { $0.lowercased() }))
        self.init(client, credentials: credentials, ssrfGuard: gate, meter: meter)
    }

    init(
        _ client: HTTPClient, credentials: [RegistryCredentials], ssrfGuard: SSRFGuard,
        meter: TrafficCounter? = nil
    ) {
        (self.client, self.credentials, self.ssrfGuard, self.meter) = (client, credentials, ssrfGuard, meter)
    }

    /// What the Hub builds for.
    static let platform = "linux/amd64"

    package func resolve(_ reference: ImageReference, known: String?) async throws(DeployError)
        -> ResolvedImage
    {
        var visit = try await ImageLookup(reference, client: self)
        if let known, let image = try await visit.resolveIfUnchanged(known) { return image }
        let manifest = try await visit.fetchManifest()
        switch manifest.content {
        case .index(let entries): return try visit.resolved(manifest, among: entries)
        case .image(let config, let size):
            if let config { try await visit.checkPlatform(config) }
            return visit.resolved(manifest, size: size)
        case .oldFormat:
            throw DeployError(
                .refused,
                "image \(reference.familiar) is in the old format (schema 1) that builders no longer take",
                hint: "build and push it again with a docker of this decade")
        case .tooLarge(let excess):
            throw DeployError(
                .refused, "\(visit.host): the JSON for \(reference.familiar) is over a limit: \(excess)",
                hint: "use an image with fewer layers or platforms")
        case .unknown:
            throw DeployError(
                .refused, "\(visit.host) answers something that is no image for \(reference.familiar)",
                hint: "check the name: is \(visit.host) a registry?")
        }
    }
}

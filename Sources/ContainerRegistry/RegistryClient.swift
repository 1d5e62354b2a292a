import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Asks registries of images what a name stands for now
/// (https://github.com/opencontainers/distribution-spec, https://distribution.github.io/distribution/spec/auth/token/).
package struct RegistryClient: ImageResolving {
    let client: Client
    let credentials: [RegistryCredentials]
    let gate: ForeignGate
    let meter: Meter?

    /// - Parameters:
    ///   - credentials: the operator's for registries. A token of the Hub never goes to one.
    ///   - allowedHosts: registries (`host` or `host:port`) that the operator names: they may be on this machine
    ///     (then without TLS) or in a private network.
    package init(
        _ client: Client, credentials: [RegistryCredentials] = [], allowedHosts: Set<String> = [],
        meter: Meter? = nil
    ) {
        let gate = ForeignGate(named: Set(allowedHosts.map { $0.lowercased() }))
        self.init(client, credentials: credentials, gate: gate, meter: meter)
    }

    init(_ client: Client, credentials: [RegistryCredentials], gate: ForeignGate, meter: Meter? = nil) {
        (self.client, self.credentials, self.gate, self.meter) = (client, credentials, gate, meter)
    }

    /// What the Hub builds for.
    static let platform = "linux/amd64"

    package func resolve(_ reference: ImageReference, known: String?) async throws(Failure) -> ResolvedImage {
        var visit = try await RegistryVisit(reference, client: self)
        if let known, let image = try await visit.stillThere(known) { return image }
        let manifest = try await visit.manifest()
        switch manifest.content {
        case .index(let entries): return try visit.resolved(manifest, among: entries)
        case .image(let config, let size):
            if let config { try await visit.checkPlatform(config) }
            return visit.resolved(manifest, size: size)
        case .oldFormat:
            throw Failure(
                .refused,
                "image \(reference.familiar) is in the old format (schema 1) that builders no longer take",
                hint: "build and push it again with a docker of this decade")
        case .tooLarge(let excess):
            throw Failure(
                .refused, "\(visit.host): the JSON for \(reference.familiar) is over a limit: \(excess)",
                hint: "use an image with fewer layers or platforms")
        case .unknown:
            throw Failure(
                .refused, "\(visit.host) answers something that is no image for \(reference.familiar)",
                hint: "check the name: is \(visit.host) a registry?")
        }
    }
}

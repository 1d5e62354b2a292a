import ContainerRegistry
import Deploy
import DeploySettings
import DockerfileTemplates
import Essentials
import Git
import GitLFS
import HTTP
import HubAPI
import SpacesModel

/// The clients of a target's deploy besides Git: probes, LFS, images, configuration, card validation.
extension TargetContext {
    /// Returns a prober; header values are resolved only if the target has probes.
    func prober(of target: Target, _ token: Secret?) async throws(DeployError) -> AppProber {
        let isFromOutside = target.probeHeaders.contains { $0.origin.isFromSource }
        let tokens = isFromOutside ? runContext.accounts.hubTokens + [token].compactMap { $0 } : []
        let credentials = ProbeHeaders.Credentials(values: Set(tokens)) { [runContext] in
            runContext.accounts.isCredential(variable: $0)
        }
        let headers = try await ProbeHeaders(
            of: target, valueReader, withholding: credentials, base: baseDirectory)
        return AppProber(client, meter: meter, headers: headers.lines, secrets: headers.secrets)
    }

    /// - Parameters:
    ///   - token: `nil` if there is no token.
    ///   - isOffline: true if the Hub must not be used.
    func lfsTransferManager(
        from source: TargetSource, in store: ObjectStore, _ token: TokenResolver.FoundToken?,
        isWritable: Bool, isOffline: Bool = false
    ) -> LFSTransferManager {
        var lfsAccess = LFSTransferManager.Access(
            client: client, meter: meter, directory: runContext.cache.path,
            named: namedHosts
        ) { [runContext] (url, isForeign) throws(DeployError) in
            // An LFS server that a file of the source names must not receive a Hub token.
            try isForeign
                ? runContext.accounts.authorization(forSource: url)
                : runContext.authorization(forSource: url)
        }
        (lfsAccess.jobs, lfsAccess.largeFileMutex) = (
            runContext.loaded.operators.jobs, runContext.heavyWorkMutex
        )
        let space = LFSTransferManager.Space(
            at: remote, named: target.space.description,
            authorization: token.map { .bearer($0.secret) }, branch: target.spaceBranch)
        return LFSTransferManager(
            from: source.repository, in: store, to: isOffline ? nil : space, isWritable: isWritable, lfsAccess
        )
    }

    /// Returns a resolver for the target's image. It uses the operator's credentials for the
    /// image's registry, and allows registries on this machine or in a private network if the
    /// operator names them, in `image` or a `[source]` section.
    func imageResolver(for target: Target) throws(DeployError) -> ImageResolverCache {
        var allowedHosts = namedHosts
        guard let image = target.image else {
            return ImageResolverCache(RegistryClient(client, allowedHosts: allowedHosts, meter: meter))
        }
        if case .sourceFile = target.setting("image")?.origin {} else { allowedHosts.insert(image.registry) }
        let credentials = try runContext.accounts.credentials(forRegistry: image.registry)
        return ImageResolverCache(
            RegistryClient(
                client, credentials: [credentials].compactMap { $0 }, allowedHosts: allowedHosts, meter: meter
            ))
    }

    /// The hosts, with their ports, of the operator's `[source]` sections.
    var namedHosts: Set<String> {
        Set(
            runContext.loaded.operators.sources.keys.map { origin in
                let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
                return "\(host):\(origin.port)"
            })
    }

    /// Returns a configurator; values are resolved only if the target's settings name any.
    func configurator(of target: Target, _ space: HubSpace) async throws(DeployError)
        -> SpaceConfigurator
    {
        let values = try await desiredValues(of: target)
        let fingerprints = FingerprintStore(in: runContext.cache.path + "/fingerprints")
        return SpaceConfigurator(space, values.desired, secrets: values.secrets, fingerprints)
    }

    private func desiredValues(of target: Target) async throws(DeployError) -> DesiredValueLoader {
        try await DesiredValueLoader(of: target, valueReader, base: baseDirectory)
    }

    private var valueReader: ValueReader {
        var reader = ValueReader(runContext.environment)
        reader.files = runContext.tokenFiles
        return reader
    }

    /// Returns the desired configuration of the target: variables, secrets, hardware and visibility.
    func desiredConfiguration() async throws(DeployError) -> DesiredConfiguration {
        try await desiredValues(of: target).desired
    }

    func cardValidator(_ hub: HubClient) -> CardValidator {
        CardValidator { (readme) async throws(DeployError) in
            try await hub.validateYAML(String(decoding: readme, as: UTF8.self))
        }
    }
}

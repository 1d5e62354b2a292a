import Deploy
import Essentials
import Git
import HTTP
import SpacesModel
import Synchronization
import TextTools

/// The source of a target, and what a deploy may do with it.
struct TargetSource: Sendable {
    let repository: any GitSource
    /// Whether the source is the caller's own work tree (current or named), from which `add` may
    /// read. False in a hook.
    private var isOwn = false
    /// Opens a remote that is configured in a local repository; `nil` if it cannot be opened.
    private var openRemote: @Sendable (String) async -> (any SourceRepository)? = { _ in nil }

    /// Makes this the source of a deploy.
    func add(to environment: inout DeployEnvironment) {
        environment.source = repository
        (environment.isOwnSource, environment.openRemote) = (isOwn, openRemote)
    }

    /// Opens the source of a target.
    /// - Parameter location: `nil` for the current repository.
    static func open(
        _ location: ResolvedSource?, _ context: RunContext, _ client: HTTPClient, _ meter: TrafficCounter
    ) async throws(DeployError) -> TargetSource {
        switch location {
        case .url(let url, let allowed):
            try await check(url, allowed)
            var sourceEnvironment = SourceEnvironment(cache: context.cache, client: client, meter: meter)
            sourceEnvironment.allowedAddresses = allowed
            // Parsed by `RemoteURL`, as everywhere, so that the credentials are those of the host
            // that is requested.
            if let requested = (try? RemoteURL(url)).flatMap({ URL($0.withoutUser) }) {
                sourceEnvironment.authorization = try context.authorization(forSource: requested)
                sourceEnvironment.helper = { [environment = context.environment] in
                    let found = await CredentialHelper(environment: environment).find(for: requested)
                    return found.map { .basic(user: $0.user, password: $0.password) }
                }
            }
            sourceEnvironment.agent = "spacesync/\(CommandLineTool.version)"
            let openingEnvironment = sourceEnvironment
            let repository = try await context.sources.source(url) { () async throws(DeployError) in
                try await openSource(url, openingEnvironment)
            }
            return TargetSource(repository: repository)
        case .path(let path):
            let isCurrent = context.loaded.currentRepository?.isAt(path) == true
            return local(
                try await LocalSource.open(at: path), isOwn: isCurrent && !context.isHook, context, client,
                meter)
        case nil:
            if let currentRepository = context.loaded.currentRepository {
                return local(currentRepository.source, isOwn: !context.isHook, context, client, meter)
            }
            let source = try await LocalSource.open(at: context.environment.directory)
            return local(source, isOwn: false, context, client, meter)
        }
    }

    private static func local(
        _ repository: LocalSource, isOwn: Bool, _ context: RunContext, _ client: HTTPClient,
        _ meter: TrafficCounter
    ) -> TargetSource {
        var source = TargetSource(repository: repository, isOwn: isOwn)
        // A bare repository inside another work tree may have arrived with it, so its remotes are
        // not used.
        guard repository.bareRepository?.enclosingWorkTree == nil else { return source }
        source.openRemote = { address in
            let top = repository.workTree ?? repository.gitDirectory
            // Over SSH the complete repository would be fetched; most servers offer it over HTTPS
            // as well.
            let location = ResolvedSource(
                SourceAddress(address).httpsAddress ?? address, in: context.environment, base: top)
            return try? await open(location, context, client, meter).repository
        }
        return source
    }

    /// Checks an address against the SSRF guard if it comes from untrusted settings.
    /// - Throws: kind `settings` if untrusted settings may not use the address.
    private static func check(_ address: String, _ allowed: AllowedAddresses) async throws(DeployError) {
        guard case .publicOnly(let hosts) = allowed else { return }
        let ssrfGuard = SSRFGuard(allowedHosts: hosts)
        let (host, rejection): (String, String?)
        switch SourceAddress(address) {
        case .url(let remote):
            host = remote.origin.host
            if ["http", "https"].contains(remote.scheme), let url = URL(remote), let origin = Origin(url) {
                rejection = await ssrfGuard.rejectionReason(to: url, trustedOrigin: origin)
            } else {
                rejection = await ssrfGuard.rejectionReason(toHost: host)
            }
        case .scp(_, let name, _):
            host = name.lowercased()
            rejection = await ssrfGuard.rejectionReason(toHost: host)
        case .path, .file, .invalid: return
        }
        guard let rejection else { return }
        throw DeployError(
            .settings,
            "source = \(RepositoryName.displayName(address)): access to \(host) is not allowed: \(rejection)",
            hint: "if this is intended, add the host to your own settings: [source \"https://\(host)\"]")
    }

    /// Opens the Git repository of a Space.
    static func open(
        space: SpaceID, _ token: TokenResolver.FoundToken?, _ context: RunContext, _ client: HTTPClient,
        _ meter: TrafficCounter
    ) async throws(DeployError) -> TargetSource {
        var sourceEnvironment = SourceEnvironment(cache: context.cache, client: client, meter: meter)
        sourceEnvironment.authorization = token.map { .basic(user: "spacesync", password: $0.secret) }
        sourceEnvironment.agent = "spacesync/\(CommandLineTool.version)"
        let url = context.endpoint.url.appending(path: "spaces/\(space)").absoluteString
        return TargetSource(repository: try await openSource(url, sourceEnvironment))
    }
}

/// A cache of the sources behind URLs: targets that share a source open it once. A target waits for
/// a source that is being opened.
final class SourceCache: Sendable {
    private let opened = Mutex<[String: any GitSource]>([:])
    private let mutex = AsyncMutex()

    /// Returns the cached source, or opens it.
    /// - Parameter key: the URL as it was written.
    func source(
        _ key: String, _ open: () async throws(DeployError) -> any GitSource
    ) async throws(DeployError) -> any GitSource {
        try await mutex.withLock { () async throws(DeployError) in
            if let cached = opened.withLock({ $0[key] }) { return cached }
            let source = try await open()
            opened.withLock { $0[key] = source }
            return source
        }
    }
}

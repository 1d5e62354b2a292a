import Essentials
import Git
import HTTP
import SpacesModel
import Synchronization

/// Whatever a target is deployed from: a repository here, or one behind a URL.
struct AnySource: SourceRepository {
    let repository: any GitSource
    /// The work tree that the caller stands in or names, and not a hook's.
    private var isOwn = false
    /// Opens a remote of a repository on this machine.
    private var openRemote: @Sendable (String) async -> (any GitSource)? = { _ in nil }
    private let visits = SnapshotCounter()

    /// - Parameter location: nil: the repository that the run stands in.
    static func open(
        _ location: ResolvedSource?, _ context: RunContext, _ client: HTTPClient, _ meter: TrafficCounter
    ) async throws(DeployError) -> AnySource {
        switch location {
        case .url(let url, let allowed):
            try await check(url, allowed)
            var access = SourceEnvironment(cache: context.cache, client: client, meter: meter)
            access.allowedAddresses = allowed
            // The URL that is requested: with the one parser that everything uses.
            if let requested = (try? RemoteURL(url)).flatMap({ URL($0.withoutUser) }) {
                access.authorization = try context.authorization(forSource: requested)
                access.helper = { [world = context.environment] in
                    let found = await CredentialHelper(environment: world).find(for: requested)
                    return found.map { .basic(user: $0.user, password: $0.password) }
                }
            }
            access.agent = "spacesync/\(CommandLineTool.version)"
            let opening = access
            let repository = try await context.sources.source(url) { () async throws(DeployError) in
                try await openSource(url, opening)
            }
            return AnySource(repository: repository)
        case .path(let path):
            let isHome = context.loaded.currentRepository?.isAt(path) == true
            return local(
                try await LocalSource.open(at: path), isOwn: isHome && !context.isHook, context, client,
                meter)
        case nil:
            if let home = context.loaded.currentRepository {
                return local(home.source, isOwn: !context.isHook, context, client, meter)
            }
            let source = try await LocalSource.open(at: context.environment.directory)
            return local(source, isOwn: false, context, client, meter)
        }
    }

    private static func local(
        _ repository: LocalSource, isOwn: Bool, _ context: RunContext, _ client: HTTPClient,
        _ meter: TrafficCounter
    ) -> AnySource {
        var source = AnySource(repository: repository, isOwn: isOwn)
        // A bare repository inside another work tree came with that: its remotes are not asked.
        guard repository.bareRepository?.enclosingWorkTree == nil else { return source }
        source.openRemote = { address in
            let top = repository.workTree ?? repository.gitDirectory
            // By ssh all of it would be fetched; most servers give the same repository by https.
            let location = ResolvedSource(
                SourceAddress(address).httpsAddress ?? address, in: context.environment, base: top)
            return try? await open(location, context, client, meter).repository
        }
        return source
    }

    /// - Throws: kind `settings` for an address that untrusted settings must not lead to.
    private static func check(_ address: String, _ allowed: AllowedAddresses) async throws(DeployError) {
        guard case .publicOnly(let named) = allowed else { return }
        let gate = SSRFGuard(allowedHosts: named)
        let (host, objection): (String, String?)
        switch SourceAddress(address) {
        case .url(let remote):
            host = remote.origin.host
            if ["http", "https"].contains(remote.scheme), let url = URL(remote), let origin = Origin(url) {
                objection = await gate.rejectionReason(to: url, trustedOrigin: origin)
            } else {
                objection = await gate.rejectionReason(toHost: host)
            }
        case .scp(_, let name, _):
            host = name.lowercased()
            objection = await gate.rejectionReason(toHost: host)
        case .path, .file, .invalid: return
        }
        guard let objection else { return }
        throw DeployError(
            .settings, "source = \(RepositoryName.displayName(address)): \(host) is not asked: \(objection)",
            hint: "if it is meant, name the host in your own settings: [source \"https://\(host)\"]")
    }

    /// A Space's own repository.
    static func open(
        space: SpaceID, _ token: TokenResolver.FoundToken?, _ context: RunContext, _ client: HTTPClient,
        _ meter: TrafficCounter
    ) async throws(DeployError) -> AnySource {
        var access = SourceEnvironment(cache: context.cache, client: client, meter: meter)
        access.authorization = token.map { .basic(user: "spacesync", password: $0.secret) }
        access.agent = "spacesync/\(CommandLineTool.version)"
        let url = context.endpoint.url.appending(path: "spaces/\(space)").absoluteString
        return AnySource(repository: try await openSource(url, access))
    }

    func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot {
        // A second time within one story: the Space moved, and the branch may have.
        if visits.isAgain { await repository.forget() }
        return try await repository.snapshot(of: revision)
    }

    /// The `.spacesync` at its HEAD.
    func settingsFile() async throws(DeployError) -> [UInt8]? { try await repository.settingsFile() }

    func contains(commit: ObjectID) async -> Bool { await repository.contains(commit: commit) }

    func lookUp(commit: ObjectID) async -> CommitPresence {
        let known = await repository.lookUp(commit: commit)
        guard known != .present else { return .present }
        for address in await repository.remoteAddresses() {
            if await openRemote(address)?.lookUp(commit: commit) == .present { return .present }
        }
        return known
    }

    func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] {
        let own = await repository.commits(leadingTo: tips, limit: limit)
        guard own.isEmpty else { return own }
        for address in await repository.remoteAddresses() {
            let found = await openRemote(address)?.commits(leadingTo: tips, limit: limit) ?? []
            guard found.isEmpty else { return found }
        }
        return []
    }

    func workTreeFiles(at path: Path) async throws(DeployError) -> [WorkTreeFile] {
        guard isOwn else {
            throw DeployError(
                .settings,
                "add takes \(path) from your own work tree, and the source is none of yours",
                hint: "take add out, or run spacesync in the work tree in which the files lie")
        }
        return try await repository.workTreeFiles(at: path)
    }

    func content(of file: WorkTreeFile) async throws(DeployError) -> [UInt8] {
        try await repository.content(of: file)
    }

    func fetchHistory(of commit: ObjectID) async throws(DeployError) {
        try await repository.fetchHistory(of: commit)
    }

    /// Where its objects lie, to be joined to the Space's store.
    var objects: AlternateObjects { get async { await repository.objects } }
}

/// Whether one target's story takes a snapshot once more.
private final class SnapshotCounter: Sendable {
    private let count = Atomic<Int>(0)

    var isAgain: Bool { count.add(1, ordering: .relaxed).oldValue > 0 }
}

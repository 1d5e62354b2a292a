import Essentials
import Git
import HTTP
import SpacesModel
import Synchronization

/// Whatever a target is deployed from: a repository here, or one behind a URL.
struct Source: SourceReading {
    let repository: any GitSource
    /// The work tree that the caller stands in or names, and not a hook's.
    private var isOwn = false
    /// Opens a remote of a repository on this machine.
    private var openRemote: @Sendable (String) async -> (any GitSource)? = { _ in nil }
    private let visits = Visits()

    /// - Parameter location: nil: the repository that the run stands in.
    static func open(
        _ location: SourceLocation?, _ workshop: Workshop, _ client: Client, _ meter: Meter
    ) async throws(Failure) -> Source {
        switch location {
        case .url(let url, let allowed):
            try await check(url, allowed)
            var access = SourceAccess(cache: workshop.cache, client: client, meter: meter)
            access.allowedAddresses = allowed
            // The URL that is requested: with the one parser that everything uses.
            if let requested = (try? RemoteURL(url)).flatMap({ URL($0.withoutUser) }) {
                access.authorization = try workshop.authorization(forSource: requested)
                access.helper = { [world = workshop.world] in
                    let found = await CredentialHelper(world: world).find(for: requested)
                    return found.map { .basic(user: $0.user, password: $0.password) }
                }
            }
            access.agent = "spacesync/\(Console.version)"
            let opening = access
            let repository = try await workshop.sources.source(url) { () async throws(Failure) in
                try await openSource(url, opening)
            }
            return Source(repository: repository)
        case .path(let path):
            let isHome = workshop.loaded.home?.isAt(path) == true
            return local(
                try await LocalSource.open(at: path), isOwn: isHome && !workshop.isHook, workshop, client,
                meter)
        case nil:
            if let home = workshop.loaded.home {
                return local(home.source, isOwn: !workshop.isHook, workshop, client, meter)
            }
            let source = try await LocalSource.open(at: workshop.world.directory)
            return local(source, isOwn: false, workshop, client, meter)
        }
    }

    private static func local(
        _ repository: LocalSource, isOwn: Bool, _ workshop: Workshop, _ client: Client, _ meter: Meter
    ) -> Source {
        var source = Source(repository: repository, isOwn: isOwn)
        // A bare repository inside another work tree came with that: its remotes are not asked.
        guard repository.bareRepository?.enclosingWorkTree == nil else { return source }
        source.openRemote = { address in
            let top = repository.workTree ?? repository.gitDirectory
            // By ssh all of it would be fetched; most servers give the same repository by https.
            let location = SourceLocation(
                SourceAddress(address).httpsAddress ?? address, in: workshop.world, base: top)
            return try? await open(location, workshop, client, meter).repository
        }
        return source
    }

    /// - Throws: kind `settings` for an address that untrusted settings must not lead to.
    private static func check(_ address: String, _ allowed: AllowedAddresses) async throws(Failure) {
        guard case .publicOnly(let named) = allowed else { return }
        let gate = ForeignGate(named: named)
        let (host, objection): (String, String?)
        switch SourceAddress(address) {
        case .url(let remote):
            host = remote.origin.host
            if ["http", "https"].contains(remote.scheme), let url = URL(remote), let origin = Origin(url) {
                objection = await gate.objection(to: url, home: origin)
            } else {
                objection = await gate.objection(toHost: host)
            }
        case .shell(_, let name, _):
            host = name.lowercased()
            objection = await gate.objection(toHost: host)
        case .path, .file, .invalid: return
        }
        guard let objection else { return }
        throw Failure(
            .settings, "source = \(RepositoryName.shown(address)): \(host) is not asked: \(objection)",
            hint: "if it is meant, name the host in your own settings: [source \"https://\(host)\"]")
    }

    /// A Space's own repository.
    static func open(
        space: SpaceID, _ token: Accounts.FoundToken?, _ workshop: Workshop, _ client: Client, _ meter: Meter
    ) async throws(Failure) -> Source {
        var access = SourceAccess(cache: workshop.cache, client: client, meter: meter)
        access.authorization = token.map { .basic(user: "spacesync", password: $0.secret) }
        access.agent = "spacesync/\(Console.version)"
        let url = workshop.endpoint.url.appending(path: "spaces/\(space)").absoluteString
        return Source(repository: try await openSource(url, access))
    }

    func snapshot(of revision: String?) async throws(Failure) -> Snapshot {
        // A second time within one story: the Space moved, and the branch may have.
        if visits.isAgain { await repository.forget() }
        return try await repository.snapshot(of: revision)
    }

    /// The `.spacesync` at its HEAD.
    func settingsFile() async throws(Failure) -> [UInt8]? { try await repository.settingsFile() }

    func holds(commit: ObjectID) async -> Bool { await repository.holds(commit: commit) }

    func knows(commit: ObjectID) async -> CommitKnowledge {
        let known = await repository.knows(commit: commit)
        guard known != .held else { return .held }
        for address in await repository.remoteAddresses() {
            if await openRemote(address)?.knows(commit: commit) == .held { return .held }
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

    func workTreeFiles(at path: Path) async throws(Failure) -> [WorkTreeFile] {
        guard isOwn else {
            throw Failure(
                .settings,
                "add takes \(path) from your own work tree, and the source is none of yours",
                hint: "take add out, or run spacesync in the work tree in which the files lie")
        }
        return try await repository.workTreeFiles(at: path)
    }

    func content(of file: WorkTreeFile) async throws(Failure) -> [UInt8] {
        try await repository.content(of: file)
    }

    func bringHistory(of commit: ObjectID) async throws(Failure) {
        try await repository.bringHistory(of: commit)
    }

    /// Where its objects lie, to be joined to the Space's store.
    var objects: JoinedObjects { get async { await repository.objects } }
}

/// Whether one target's story takes a snapshot once more.
private final class Visits: Sendable {
    private let count = Atomic<Int>(0)

    var isAgain: Bool { count.add(1, ordering: .relaxed).oldValue > 0 }
}

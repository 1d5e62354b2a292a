import Deploy
import Git
import HTTP

/// Whatever a target is deployed from: a repository here, or one behind a URL.
struct Source: SourceReading {
    private let repository: any GitSource

    /// - Parameter location: nil: the repository that the run stands in.
    static func open(
        _ location: SourceLocation?, _ workshop: Workshop, _ client: Client, _ meter: Meter
    ) async throws(Failure) -> Source {
        switch location {
        case .url(let url):
            var access = SourceAccess(cache: workshop.cache, client: client, meter: meter)
            access.authorization = try workshop.accounts.authorization(forSource: url)
            access.agent = "spacesync/\(Console.version)"
            return Source(repository: try await openSource(url, access))
        case .path(let path): return Source(repository: try await LocalSource.open(at: path))
        case nil:
            if let home = workshop.loaded.home { return Source(repository: home.source) }
            return Source(repository: try await LocalSource.open(at: workshop.world.directory))
        }
    }

    func snapshot(of revision: String?) async throws(Failure) -> Snapshot {
        try await repository.snapshot(of: revision)
    }

    /// The `.spacesync` at its HEAD; a snapshot of `revision` follows.
    func settingsFile(before revision: String?) async throws(Failure) -> [UInt8]? {
        await repository.expect(revision)
        return try await repository.settingsFile()
    }

    func holds(commit: ObjectID) async -> Bool { await repository.holds(commit: commit) }

    func bringHistory(of commit: ObjectID) async throws(Failure) {
        try await repository.bringHistory(of: commit)
    }

    /// Where its objects lie, to be joined to the Space's store.
    var objects: JoinedObjects { get async { await repository.objects } }
}

import Essentials
import SpacesModel

/// A repository behind ssh as a source: fetched whole into the cache by libgit2, then read like a local one.
package actor SSHSource: GitSource {
    private let executor: GitExecutor
    private let storeDirectory: StoreDirectory
    private let repository: Repository
    private let address: String
    /// The branch that HEAD named at the last fetch, which serves whoever asks soon after.
    private var fetched: (head: String?, at: ContinuousClock.Instant)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    package var objects: AlternateObjects {
        AlternateObjects(directories: repository.objectDirectories, path: address)
    }

    static func open(at address: String, _ access: SourceEnvironment) async throws(DeployError) -> SSHSource {
        let executor = GitExecutor("ssh")
        return try await executor.run { () throws(DeployError) in
            let place = try access.cache.claimDirectory(for: address)
            do throws(GitError) { _ = try Store.open(at: place.path, joining: []) } catch { place.clear() }
            do throws(GitError) { _ = try Store.open(at: place.path, joining: []) } catch {
                throw DeployError(
                    .internalError, "the cache at \(place.path) cannot be used", details: [error.message])
            }
            access.cache.label(place.path, address)
            let repository = try Repository.open(at: place.path, trusting: .files([]), named: address)
            return SSHSource(place, repository, address, on: executor)
        }
    }

    private init(
        _ storeDirectory: consuming StoreDirectory, _ repository: consuming Repository, _ address: String,
        on executor: GitExecutor
    ) {
        self.storeDirectory = storeDirectory
        self.repository = repository
        (self.address, self.executor) = (address, executor)
    }

    package func snapshot(of revision: String?) throws(DeployError) -> SourceSnapshot {
        let head = try head()
        let resolved = try repository.resolve(revision ?? head)
        var snapshot = SourceSnapshot(
            commit: resolved.commit, branch: resolved.branch, repository: RepositoryName.displayName(address))
        snapshot.isFixed = resolved.isFixed
        return snapshot
    }

    /// The cache has the whole of it.
    package func contains(commit: ObjectID) -> Bool { (try? repository.commit(commit)) != nil }

    package func commits(leadingTo tips: [ObjectID], limit: Int) -> [Commit] {
        repository.commits(leadingTo: tips, limit: limit)
    }

    private func head() throws(DeployError) -> String? {
        if let fetched, fetched.at.duration(to: .now) < RemoteSource.freshness { return fetched.head }
        let head = try repository.fetch(from: address)
        fetched = (head, .now)
        return head
    }

    package func forget() { fetched = nil }

    /// Those of its host over https: `git-lfs-authenticate` would need a shell of our own there.
    package func lfsEndpoints(of commit: Commit) -> LFSEndpoints {
        let file = try? repository.file(".lfsconfig", of: commit, limit: 64 << 10)
        return LFSEndpoints(ofRemote: address, lfsConfig: file.flatMap { $0 })
    }

    package func file(named name: Path, at revision: String?, limit: Int) throws(DeployError) -> [UInt8]? {
        let head = try head()
        return try repository.file(name, of: try repository.resolve(revision ?? head).commit, limit: limit)
    }
}

import Essentials
import SpacesModel

/// A repository behind SSH as the source: libgit2 fetches it completely into the cache, where it is
/// read like a local one.
package actor SSHSource: GitSource {
    private let executor: GitExecutor
    private let storeDirectory: StoreDirectory
    private let repository: Repository
    private let address: String
    /// The branch that HEAD pointed to at the last fetch. It is reused for a short time.
    private var fetched: (head: String?, at: ContinuousClock.Instant)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    package var objects: AlternateObjects {
        AlternateObjects(directories: repository.objectDirectories, path: address)
    }

    static func open(at address: String, _ access: SourceEnvironment) async throws(DeployError) -> SSHSource {
        let executor = GitExecutor("ssh")
        return try await executor.run { () throws(DeployError) in
            let directory = try access.cache.claimDirectory(for: address)
            do throws(GitError) { _ = try Store.open(at: directory.path, joining: []) } catch {
                directory.clear()
            }
            do throws(GitError) { _ = try Store.open(at: directory.path, joining: []) } catch {
                throw DeployError(
                    .internalError, "the cache at \(directory.path) cannot be used", details: [error.message])
            }
            access.cache.label(directory.path, address)
            let repository = try Repository.open(at: directory.path, trusting: .files([]), named: address)
            return SSHSource(directory, repository, address, on: executor)
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

    /// Returns whether the commit exists: the cache has the full history.
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

    /// Returns the LFS endpoints of the same host over https. `git-lfs-authenticate` would require
    /// running an SSH command on the server.
    package func lfsEndpoints(of commit: Commit) -> LFSEndpoints {
        let file = try? repository.file(".lfsconfig", of: commit, limit: 64 << 10)
        return LFSEndpoints(ofRemote: address, lfsConfig: file.flatMap { $0 })
    }

    package func file(named name: Path, at revision: String?, limit: Int) throws(DeployError) -> [UInt8]? {
        let head = try head()
        return try repository.file(name, of: try repository.resolve(revision ?? head).commit, limit: limit)
    }
}

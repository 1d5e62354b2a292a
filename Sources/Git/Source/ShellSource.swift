import Essentials
import SpacesModel

/// A repository behind ssh as a source: fetched whole into the cache by libgit2, then read like a local one.
package actor ShellSource: GitSource {
    private let executor: GitExecutor
    private let place: StorePlace
    private let repository: Repository
    private let address: String
    /// The branch that HEAD named at the last fetch, which serves whoever asks soon after.
    private var fetched: (head: String?, at: ContinuousClock.Instant)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    package var objects: JoinedObjects {
        JoinedObjects(directories: repository.objectDirectories, path: address)
    }

    static func open(at address: String, _ access: SourceAccess) async throws(Failure) -> ShellSource {
        let executor = GitExecutor("ssh")
        return try await executor.run { () throws(Failure) in
            let place = try access.cache.place(for: address)
            do throws(GitError) { _ = try Store.open(at: place.path, joining: []) } catch { place.clear() }
            do throws(GitError) { _ = try Store.open(at: place.path, joining: []) } catch {
                throw Failure(
                    .internalFault, "the cache at \(place.path) cannot be used", details: [error.message])
            }
            access.cache.label(place.path, address)
            let repository = try Repository.open(at: place.path, trusting: .files([]), named: address)
            return ShellSource(place, repository, address, on: executor)
        }
    }

    private init(
        _ place: consuming StorePlace, _ repository: consuming Repository, _ address: String,
        on executor: GitExecutor
    ) {
        self.place = place
        self.repository = repository
        (self.address, self.executor) = (address, executor)
    }

    package func snapshot(of revision: String?) throws(Failure) -> Snapshot {
        let head = try head()
        let resolved = try repository.resolve(revision ?? head)
        var snapshot = Snapshot(
            commit: resolved.commit, branch: resolved.branch, repository: RepositoryName.shown(address))
        snapshot.isFixed = resolved.isFixed
        return snapshot
    }

    /// The cache has the whole of it.
    package func holds(commit: ObjectID) -> Bool { (try? repository.commit(commit)) != nil }

    package func commits(leadingTo tips: [ObjectID], limit: Int) -> [Commit] {
        repository.commits(leadingTo: tips, limit: limit)
    }

    private func head() throws(Failure) -> String? {
        if let fetched, fetched.at.duration(to: .now) < RemoteSource.freshness { return fetched.head }
        let head = try repository.fetch(from: address)
        fetched = (head, .now)
        return head
    }

    package func forget() { fetched = nil }

    /// Those of its host over https: `git-lfs-authenticate` would need a shell of our own there.
    package func largeFilePlaces(of commit: Commit) -> LFSPlaces {
        let file = try? repository.file(".lfsconfig", of: commit, limit: 64 << 10)
        return LFSPlaces(ofRemote: address, lfsConfig: file.flatMap { $0 })
    }

    package func file(named name: Path, at revision: String?, limit: Int) throws(Failure) -> [UInt8]? {
        let head = try head()
        return try repository.file(name, of: try repository.resolve(revision ?? head).commit, limit: limit)
    }
}

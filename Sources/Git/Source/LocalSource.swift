import Essentials
import SpacesModel

/// A repository on this machine as a source: read in place, never checked out, never changed.
package actor LocalSource: GitSource {
    private let executor: GitExecutor
    let repository: Repository
    /// Its object directories, to be joined to a Space's store.
    package nonisolated let objects: JoinedObjects
    /// The top of its work tree; nil when it is bare.
    package nonisolated let workTree: String?
    /// Where its configuration, references and hooks are: the repository itself when it is bare. Without a slash behind.
    package nonisolated let gitDirectory: String
    /// Set if no `.git` led to the repository.
    package nonisolated let bareRepository: BareRepository?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the repository at a path or above it.
    /// - Throws: kind `source`, in words, with what to type.
    package static func open(
        at path: String, trusting folders: TrustedFolders = .userConfiguration
    ) async throws(Failure) -> LocalSource {
        let executor = GitExecutor("source")
        return try await executor.run { () throws(Failure) in
            LocalSource(try Repository.open(at: path, trusting: folders), from: path, on: executor)
        }
    }

    private init(_ repository: consuming Repository, from path: String, on executor: GitExecutor) {
        self.executor = executor
        bareRepository = BareRepository(repository.gitDirectory, from: path)
        objects = JoinedObjects(
            directories: repository.objectDirectories, path: repository.path,
            isPartialClone: repository.isPartialClone, isShallow: repository.isShallow)
        workTree = repository.workTree
        gitDirectory = URL(fileURLWithPath: repository.commonDirectory).path
        self.repository = repository
    }

    package func snapshot(of revision: String?) throws(Failure) -> Snapshot {
        let resolved = try repository.resolve(revision)
        var snapshot = Snapshot(
            commit: resolved.commit, branch: resolved.branch, repository: name,
            uncommitted: repository.uncommitted)
        snapshot.isFixed = resolved.isFixed
        return snapshot
    }

    /// True if the directory is this repository's Git directory.
    package nonisolated func isAt(gitDirectory other: String) -> Bool {
        URL(fileURLWithPath: other).resolvingSymlinksInPath().path
            == URL(fileURLWithPath: gitDirectory).resolvingSymlinksInPath().path
    }

    private var name: String {
        let origin = repository.setting("remote.origin.url") ?? ""
        let folder = repository.workTree ?? repository.gitDirectory
        return RepositoryName.shown(origin.isEmpty ? folder : origin)
    }

    /// Short names of its branches and tags, and of `origin`'s branches (`origin/main`).
    package func names() -> [String] { repository.names }

    package func holds(commit: ObjectID) -> Bool { (try? repository.commit(commit)) != nil }

    /// `unknown` if it lacks the commit and its history breaks off.
    package func knows(commit: ObjectID) -> CommitKnowledge {
        if holds(commit: commit) { return .held }
        return objects.isPartialClone || objects.isShallow ? .unknown : .absent
    }

    package func commits(leadingTo tips: [ObjectID], limit: Int) -> [Commit] {
        repository.commits(leadingTo: tips, limit: limit)
    }

    package func remoteAddresses() -> [String] {
        repository.remotes.compactMap { repository.address(ofRemote: $0) }
    }

    /// The content of a file in the top directory of a revision (HEAD when nil); nil when it is not there, or when
    /// there is no commit yet.
    /// - Throws: kind `source` when the revision is missing or the file is longer than `limit` bytes.
    package func file(named name: Path, at revision: String? = nil, limit: Int = 64 << 10) throws(Failure)
        -> [UInt8]?
    {
        if revision == nil, repository.isUnborn { return nil }
        return try repository.file(name, of: try repository.resolve(revision).commit, limit: limit)
    }

    package func workTreeFiles(at path: Path) throws(Failure) -> [WorkTreeFile] {
        guard let workTree else {
            throw Failure(
                .settings,
                "add takes \(path) from a work tree, and this repository is bare",
                hint: "take add out of the settings here, or clear it: -c add=")
        }
        return try files(of: workTree).files(at: path)
    }

    package func content(of file: WorkTreeFile) throws(Failure) -> [UInt8] {
        try files(of: workTree ?? "").content(of: file)
    }

    private func files(of top: String) -> WorkTree {
        WorkTree(top: top, gitDirectories: [repository.gitDirectory, repository.commonDirectory])
    }

    package func largeFilePlaces(of commit: Commit) -> LFSPlaces {
        var places = repository.largeFilePlaces(of: commit)
        guard bareRepository?.enclosingWorkTree != nil else { return places }
        // Its configuration came with the other repository.
        for index in places.servers.indices { places.servers[index].isForeign = true }
        return places
    }

    /// The repository's own configuration, as far as it concerns us.
    package func configuration() throws(Failure) -> [ConfigEntry] {
        try repository.ownConfiguration()
    }
}

/// Object directories of a source, joined in memory to a Space's store.
package struct JoinedObjects: Hashable, Sendable {
    package var directories: [String]
    /// The source as its user wrote it, for messages.
    package var path: String
    /// Blobs may be missing that a remote promised.
    package var isPartialClone: Bool
    /// Its history may break off.
    package var isShallow: Bool

    package init(
        directories: [String], path: String, isPartialClone: Bool = false, isShallow: Bool = false
    ) {
        (self.directories, self.path) = (directories, path)
        (self.isPartialClone, self.isShallow) = (isPartialClone, isShallow)
    }
}

import Essentials
import SpacesModel

/// A repository on this machine as a source: read in place, never checked out, never changed.
package actor LocalSource: GitSource {
    private let executor: GitExecutor
    let repository: Repository
    /// Its object directories, to be joined to a Space's store.
    package nonisolated let objects: AlternateObjects
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
        at path: String, trusting folders: SafeDirectories = .userConfiguration
    ) async throws(DeployError) -> LocalSource {
        let executor = GitExecutor("source")
        return try await executor.run { () throws(DeployError) in
            LocalSource(try Repository.open(at: path, trusting: folders), from: path, on: executor)
        }
    }

    private init(_ repository: consuming Repository, from path: String, on executor: GitExecutor) {
        self.executor = executor
        bareRepository = BareRepository(repository.gitDirectory, from: path)
        objects = AlternateObjects(
            directories: repository.objectDirectories, path: repository.path,
            isPartialClone: repository.isPartialClone, isShallow: repository.isShallow)
        workTree = repository.workTree
        gitDirectory = URL(fileURLWithPath: repository.commonDirectory).path
        self.repository = repository
    }

    package func snapshot(of revision: String?) throws(DeployError) -> SourceSnapshot {
        let resolved = try repository.resolve(revision)
        var snapshot = SourceSnapshot(
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
        return RepositoryName.displayName(origin.isEmpty ? folder : origin)
    }

    /// Short names of its branches and tags, and of `origin`'s branches (`origin/main`).
    package func names() -> [String] { repository.names }

    package func contains(commit: ObjectID) -> Bool { (try? repository.commit(commit)) != nil }

    /// `unknown` if it lacks the commit and its history breaks off.
    package func lookUp(commit: ObjectID) -> CommitPresence {
        if contains(commit: commit) { return .present }
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
    package func file(named name: Path, at revision: String? = nil, limit: Int = 64 << 10) throws(DeployError)
        -> [UInt8]?
    {
        if revision == nil, repository.isUnborn { return nil }
        return try repository.file(name, of: try repository.resolve(revision).commit, limit: limit)
    }

    package func workTreeFiles(at path: Path) throws(DeployError) -> [WorkTreeFile] {
        guard let workTree else {
            throw DeployError(
                .settings,
                "add takes \(path) from a work tree, and this repository is bare",
                hint: "take add out of the settings here, or clear it: -c add=")
        }
        return try files(of: workTree).files(at: path)
    }

    package func content(of file: WorkTreeFile) throws(DeployError) -> [UInt8] {
        try files(of: workTree ?? "").content(of: file)
    }

    private func files(of top: String) -> WorkingTree {
        WorkingTree(top: top, gitDirectories: [repository.gitDirectory, repository.commonDirectory])
    }

    package func lfsEndpoints(of commit: Commit) -> LFSEndpoints {
        var places = repository.lfsEndpoints(of: commit)
        guard bareRepository?.enclosingWorkTree != nil else { return places }
        // Its configuration came with the other repository.
        for index in places.servers.indices { places.servers[index].isForeign = true }
        return places
    }

    /// The repository's own configuration, as far as it concerns us.
    package func configuration() throws(DeployError) -> [ConfigEntry] {
        try repository.localConfiguration()
    }
}

/// Object directories of a source, joined in memory to a Space's store.
package struct AlternateObjects: Hashable, Sendable {
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

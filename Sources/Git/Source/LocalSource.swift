internal import CGit2
import Essentials
import SpacesModel

/// A local repository as the source: read in place, never checked out, never changed.
package actor LocalSource: GitSource {
    private let executor: GitExecutor
    let repository: Repository
    /// The repository's object directories, to be added to a Space's store.
    package nonisolated let objects: AlternateObjects
    /// The top of the work tree; `nil` if the repository is bare.
    package nonisolated let workTree: String?
    /// The directory of configuration, references and hooks (the repository itself if it is bare),
    /// without a trailing slash.
    package nonisolated let gitDirectory: String
    /// The repository if it was found without a `.git`; otherwise `nil`.
    package nonisolated let bareRepository: BareRepository?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the repository at a path or in a parent directory.
    /// - Throws: kind `source`, with a hint.
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

    /// Returns whether the directory is this repository's Git directory.
    package nonisolated func isAt(gitDirectory other: String) -> Bool {
        URL(fileURLWithPath: other).resolvingSymlinksInPath().path
            == URL(fileURLWithPath: gitDirectory).resolvingSymlinksInPath().path
    }

    private var name: String {
        let origin = repository.setting("remote.origin.url") ?? ""
        let folder = repository.workTree ?? repository.gitDirectory
        return RepositoryName.displayName(origin.isEmpty ? folder : origin)
    }

    /// Returns the short names of branches and tags, and of `origin`'s branches (`origin/main`).
    package func names() -> [String] { repository.names }

    package func contains(commit: ObjectID) -> Bool { (try? repository.commit(commit)) != nil }

    /// Returns `unknown` if the commit is missing and the repository is shallow or a partial clone.
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

    /// Returns the content of a file in the top directory of a revision (`nil` for HEAD); `nil` if
    /// the file does not exist or there is no commit yet.
    /// - Throws: kind `source` if the revision is missing or the file is longer than `limit` bytes.
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
                "add copies \(path) from the work tree, but this repository is bare",
                hint: "remove add from the settings, or clear it: -c add=")
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
        var endpoints = repository.lfsEndpoints(of: commit)
        guard bareRepository?.enclosingWorkTree != nil else { return endpoints }
        // The repository's configuration was part of the enclosing repository's files.
        for index in endpoints.servers.indices { endpoints.servers[index].isForeign = true }
        return endpoints
    }

    /// Returns the sections of the repository's own configuration that spacesync uses.
    package func configuration() throws(DeployError) -> [ConfigEntry] {
        try repository.localConfiguration()
    }
}

/// Object directories of a source, added to a Space's store in memory.
package struct AlternateObjects: Hashable, Sendable {
    package var directories: [String]
    /// The source in the form that the user wrote, for messages.
    package var path: String
    /// Whether blobs may be missing because a remote promised them.
    package var isPartialClone: Bool
    /// Whether the history may be incomplete.
    package var isShallow: Bool

    package init(
        directories: [String], path: String, isPartialClone: Bool = false, isShallow: Bool = false
    ) {
        (self.directories, self.path) = (directories, path)
        (self.isPartialClone, self.isShallow) = (isPartialClone, isShallow)
    }
}

/// References and configuration of the repository, for hooks.
extension LocalSource {
    /// Returns the commit that a reference (`refs/heads/main`) points to; `nil` if it does not
    /// exist.
    package func tip(of reference: String) -> ObjectID? {
        var id = git_oid()
        guard git_reference_name_to_id(&id, repository.handle.raw, reference) == 0 else { return nil }
        return withUnsafePointer(to: id) { ObjectID($0) }
    }

    /// Returns whether a commit is a descendant of another one; true if the history cannot be read.
    package func descends(_ commit: ObjectID, from ancestor: ObjectID) -> Bool {
        let missing = try? CommitWalk.commits(from: ancestor, beyond: [commit], in: repository.database)
        return missing?.isEmpty ?? true
    }

    /// Returns the branches with their commits, sorted by name.
    package func branches() -> [(name: String, commit: ObjectID)] {
        Set(repository.names).sorted().compactMap { name in
            tip(of: "refs/heads/\(name)").map { (name, $0) }
        }
    }

    /// Returns the branch that HEAD points to, also if it has no commit; `nil` for a detached HEAD.
    package func headName() -> String? {
        let raw = repository.handle.raw
        guard
            let head = try? Handle<ReferenceKind>(
                "git_reference_lookup", { git_reference_lookup(&$0, raw, "HEAD") }),
            let target = git_reference_symbolic_target(head.raw).map({ String(cString: $0) })
        else { return nil }
        return target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : nil
    }

    /// Returns a value of the repository's effective Git configuration; `nil` if it is unset or
    /// empty.
    package func setting(_ key: String) -> String? {
        repository.setting(key).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Returns whether a Boolean Git setting is true.
    package func isSet(_ key: String) -> Bool {
        ["true", "yes", "on", "1"].contains(repository.setting(key)?.lowercased() ?? "")
    }
}

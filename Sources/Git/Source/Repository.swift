internal import CGit2
import Essentials
import SpacesModel

/// A local repository, opened read-only: nothing is written, not even its index. It is found by
/// path only; environment variables such as `GIT_DIR`, which are set in hooks, are ignored.
struct Repository: ~Copyable {
    let handle: Handle<RepositoryKind>
    let database: ODB
    /// The path in the form that the caller wrote, for messages.
    let path: String

    /// Opens the repository at a path or in a parent directory, bare or not.
    /// - Throws: kind `source`.
    static func open(
        at path: String, trusting folders: SafeDirectories, named name: String? = nil
    ) throws(DeployError) -> Repository {
        let handle = try opened(path)
        let database = try database(of: handle, path)
        let repository = Repository(handle: handle, database: database, path: name ?? path)
        try SafeDirectoryCheck.check(repository.directories, trusting: folders, path: path)
        return repository
    }

    private init(handle: consuming Handle<RepositoryKind>, database: consuming ODB, path: String) {
        self.handle = handle
        self.database = database
        self.path = path
    }

    static func opened(_ path: String) throws(DeployError) -> Handle<RepositoryKind> {
        do throws(GitError) {
            try Library.ensureInitialized()
            return try Handle("git_repository_open_ext") { git_repository_open_ext(&$0, path, 0, nil) }
        } catch { throw openingFailure(path, error) }
    }

    private static func database(
        of handle: borrowing Handle<RepositoryKind>, _ path: String
    ) throws(DeployError) -> ODB {
        do throws(GitError) { return try ODB(of: handle) } catch { throw openingFailure(path, error) }
    }

    static func gitDirectory(of handle: borrowing Handle<RepositoryKind>) -> String {
        String(cString: git_repository_path(handle.raw))
    }

    static func workTree(of handle: borrowing Handle<RepositoryKind>) -> String? {
        git_repository_workdir(handle.raw).map { String(cString: $0) }
    }

    /// Whether HEAD points to a branch that has no commit yet.
    var isUnborn: Bool { git_repository_head_unborn(handle.raw) == 1 }
    var isBare: Bool { git_repository_is_bare(handle.raw) == 1 }
    /// The repository's own `.git`; for a linked work tree, its directory under `worktrees`.
    var gitDirectory: String { Self.gitDirectory(of: handle) }
    var commonDirectory: String { String(cString: git_repository_commondir(handle.raw)) }
    var workTree: String? { Self.workTree(of: handle) }
    private var directories: [String] { (workTree.map { [$0] } ?? []) + [gitDirectory] }

    /// The object directories, including alternates: libgit2 follows the alternates of a repository
    /// that it opens, but not those of an object directory that is added in memory.
    var objectDirectories: [String] {
        Alternates.withAlternates(of: commonDirectory + "objects")
    }

    /// Returns a value of the effective configuration, merged from all levels.
    func setting(_ key: String) -> String? {
        let raw = handle.raw
        guard
            let config = try? Handle<ConfigKind>(
                "git_repository_config_snapshot", { git_repository_config_snapshot(&$0, raw) })
        else { return nil }
        return try? text("git_config_get_string_buf") { git_config_get_string_buf(&$0, config.raw, key) }
    }

    /// Whether the repository is a shallow clone, whose history is incomplete.
    var isShallow: Bool { git_repository_is_shallow(handle.raw) == 1 }

    /// Whether the repository is a partial clone, whose blobs may be missing because a remote
    /// promised them.
    var isPartialClone: Bool {
        setting("extensions.partialclone") != nil || setting("remote.origin.promisor") == "true"
    }
}

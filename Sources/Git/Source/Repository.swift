internal import CGit2
import Essentials
import SpacesModel

/// A repository on this machine, opened to be read: nothing of it is ever written, not even its index. Environment
/// variables (`GIT_DIR` and the like, as a hook has them) do not count: the path alone does.
struct Repository: ~Copyable {
    let handle: Handle<RepositoryKind>
    let database: ODB
    /// The path as the caller wrote it, for messages.
    let path: String

    /// Opens the repository at a path or above it, bare or not.
    /// - Throws: kind `source`, in words.
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

    /// Whether HEAD names a branch that has no commit yet.
    var isUnborn: Bool { git_repository_head_unborn(handle.raw) == 1 }
    var isBare: Bool { git_repository_is_bare(handle.raw) == 1 }
    /// Its own `.git`; of a linked work tree the directory under `worktrees`.
    var gitDirectory: String { Self.gitDirectory(of: handle) }
    var commonDirectory: String { String(cString: git_repository_commondir(handle.raw)) }
    var workTree: String? { Self.workTree(of: handle) }
    private var directories: [String] { (workTree.map { [$0] } ?? []) + [gitDirectory] }

    /// Where its objects lie, with the directories that it borrows from (libgit2 follows those of a repository that
    /// it opens, but not those of a directory that is joined in memory).
    var objectDirectories: [String] {
        Alternates.withAlternates(of: commonDirectory + "objects")
    }

    /// A value of its configuration, as Git puts the levels together.
    func setting(_ key: String) -> String? {
        let raw = handle.raw
        guard
            let config = try? Handle<ConfigKind>(
                "git_repository_config_snapshot", { git_repository_config_snapshot(&$0, raw) })
        else { return nil }
        return try? text("git_config_get_string_buf") { git_config_get_string_buf(&$0, config.raw, key) }
    }

    /// Whether its history may break off: a clone of so many commits.
    var isShallow: Bool { git_repository_is_shallow(handle.raw) == 1 }

    /// Whether blobs may be missing here because they were promised by a remote.
    var isPartialClone: Bool {
        setting("extensions.partialclone") != nil || setting("remote.origin.promisor") == "true"
    }
}

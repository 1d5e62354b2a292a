internal import CGit2
import Essentials
import SpacesModel
import TextTools

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

extension Repository {
    /// Returns a regular file of a commit's top directory; `nil` if there is none with that name.
    /// - Throws: kind `source` if it is too long or cannot be read.
    func file(_ name: Path, of commit: Commit, limit: Int) throws(DeployError) -> [UInt8]? {
        do throws(GitError) {
            guard let entries = TreeCodec.entries(in: try database.read(commit.tree).bytes),
                let entry = entries.first(where: { $0.name == name && $0.kind.isBlob && $0.kind != .symlink })
            else { return nil }
            guard try database.size(of: entry.id) <= limit else {
                throw GitError(call: "size", code: -1, message: "it is longer than \(limit >> 10) KiB")
            }
            return try database.read(entry.id).bytes
        } catch {
            throw DeployError(
                .source, "\(name) of \(commit.id.short) in the repository at \(path) cannot be read",
                details: [error.message])
        }
    }

    /// Returns the entries of the repository's configuration file, and of `config.worktree` if
    /// `extensions.worktreeConfig` is set.
    func localConfiguration() throws(DeployError) -> [ConfigEntry] {
        let shared = commonDirectory + "config"
        guard FileManager.default.fileExists(atPath: shared) else { return [] }
        let entries = try readConfiguration(at: shared)
        let worktreeExtension = entries.last { $0.section == "extensions" && $0.key == "worktreeconfig" }
        let worktreeConfig = gitDirectory + "config.worktree"
        guard
            ["true", "yes", "on", "1"].contains(
                worktreeExtension.map { ($0.value ?? "true").lowercased() } ?? ""),
            FileManager.default.fileExists(atPath: worktreeConfig)
        else { return entries.filter(\.isRelevant) }
        return (entries + (try readConfiguration(at: worktreeConfig))).filter(\.isRelevant)
    }

    /// The short names of branches, tags and remote branches, in Git's order.
    var names: [String] {
        let raw = handle.raw
        guard
            let iterator = try? Handle<ReferenceIteratorKind>(
                "git_reference_iterator_new", { git_reference_iterator_new(&$0, raw) })
        else { return [] }
        var (names, name): ([String], UnsafePointer<CChar>?) = ([], nil)
        while git_reference_next_name(&name, iterator.raw) == 0 {
            if let name, let short = Self.shortName(String(cString: name)) { names.append(short) }
        }
        return names
    }

    private static func shortName(_ name: String) -> String? {
        for prefix in ["refs/heads/", "refs/tags/", "refs/remotes/"] where name.hasPrefix(prefix) {
            let short = String(name.dropFirst(prefix.count))
            return short.hasSuffix("/HEAD") ? nil : short
        }
        return nil
    }

    /// Returns the error for a HEAD without a commit.
    func unborn() -> DeployError {
        let existing = names
        guard existing.isEmpty else {
            return DeployError(
                .source, "HEAD of the repository at \(path) points to a branch without commits",
                details: [RefNames.list(existing)],
                hint: "use another branch: --branch \(existing[0].shellQuoted)")
        }
        return DeployError(
            .source, "the repository at \(path) has no commit yet",
            hint: "cd \(path.shellQuoted) && git add -A && git commit -m \"first commit\"")
    }

    /// Returns the error for an unknown branch, tag or commit.
    func missing(_ revision: String) -> DeployError {
        let existing = names
        // A commit is missing, not the name.
        if existing.isEmpty { return unborn() }
        return RefNames.missing(revision, among: existing, in: "the repository at \(path)")
    }
}

extension ConfigEntry {
    fileprivate var isRelevant: Bool { ["space", "spacesync", "account", "source"].contains(section) }
}

/// Messages with the names of branches and tags.
enum RefNames {
    static func missing(_ revision: String, among names: [String], in location: String) -> DeployError {
        let suggestion =
            nearest(revision, among: names)
            ?? nearest(revision, among: names.map { String($0.trimmingPrefix("origin/")) })
        let hint = suggestion.map { "did you mean \($0)?" } ?? "use one of these with --branch"
        return DeployError(
            .source, "\(location) has no branch, tag or commit \"\(revision)\"",
            details: [names.isEmpty ? "it has no branches or tags" : list(names)],
            hint: names.isEmpty ? "push a branch to it first" : hint)
    }

    /// Returns `it has: a, b, c … and 12 more`.
    static func list(_ names: [String], atMost limit: Int = 12) -> String {
        let more = names.count > limit ? " … and \(names.count - limit) more" : ""
        return "it has: " + names.prefix(limit).joined(separator: ", ") + more
    }
}

/// Object directories and their alternates, listed in `objects/info/alternates`.
enum Alternates {
    /// Returns the directory and its alternates, recursively. The default depth is Git's limit.
    static func withAlternates(of directory: String, depth: Int = 5) -> [String] {
        guard depth > 0,
            let text = try? String(contentsOfFile: directory + "/info/alternates", encoding: .utf8)
        else { return [directory] }
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let alternates = lines.map { $0.hasPrefix("/") ? String($0) : "\(directory)/\($0)" }
        return [directory] + alternates.flatMap { withAlternates(of: $0, depth: depth - 1) }
    }
}

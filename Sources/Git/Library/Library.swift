internal import CGit2

/// libgit2, initialised once for the process and never shut down: handles may outlive any scope.
enum Library {
    private static let outcome = Result { () throws(GitError) in try start() }

    /// - Throws: why libgit2 did not start.
    static func ensureInitialized() throws(GitError) { try outcome.get() }

    private static func start() throws(GitError) {
        try check("git_libgit2_init", git_libgit2_init())
        // The Space's blobs are not fetched, and its trees are rewritten all the same.
        try set(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0)
        // Ownership is checked by `SafeDirectoryCheck`: libgit2 1.5 does not honour `safe.directory = *`.
        try set(GIT_OPT_SET_OWNER_VALIDATION, 0)
        // A cache that lost power must read as whole or as absent.
        try set(GIT_OPT_ENABLE_FSYNC_GITDIR, 1)
        // A file of a deploy is read for its checks and again for its pack: small ones stay at hand, 2 MiB of them.
        try check("git_libgit2_opts", spacesync_git_opt_cached_size(GIT_OBJECT_BLOB, 32 << 10))
        try set(GIT_OPT_SET_CACHE_MAX_SIZE, bytes: 2 << 20)
        // Packs are read through a few windows: whole, a large one would count as our memory.
        try set(GIT_OPT_SET_MWINDOW_SIZE, bytes: 1 << 20)
        try set(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, bytes: 8 << 20)
        try acceptExtensions(["worktreeconfig", "partialclone", "preciousobjects", "relativeworktrees"])
    }

    private static func set(_ option: git_libgit2_opt_t, _ value: Int32) throws(GitError) {
        try check("git_libgit2_opts", spacesync_git_opt_int(Int32(option.rawValue), value))
    }

    private static func set(_ option: git_libgit2_opt_t, bytes: Int) throws(GitError) {
        try check("git_libgit2_opts", spacesync_git_opt_size(Int32(option.rawValue), bytes))
    }

    /// Repository extensions that change nothing for a reader: sparse checkouts, partial clones.
    private static func acceptExtensions(_ names: [String]) throws(GitError) {
        let copies = names.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        var list = copies.map { UnsafePointer($0) }
        try check("git_libgit2_opts", spacesync_git_opt_extensions(&list, list.count))
    }
}

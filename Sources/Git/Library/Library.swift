internal import CGit2

/// The libgit2 library, initialised once per process and never shut down, since handles may outlive
/// any scope.
enum Library {
    private static let outcome = Result { () throws(GitError) in try start() }

    /// Initialises libgit2 on the first call.
    /// - Throws: the error if initialisation failed.
    static func ensureInitialized() throws(GitError) { try outcome.get() }

    private static func start() throws(GitError) {
        try check("git_libgit2_init", git_libgit2_init())
        // Trees of a Space are rewritten although the blobs in them were not fetched.
        try set(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0)
        // Ownership is checked by `SafeDirectoryCheck`: libgit2 1.5 does not honour `safe.directory = *`.
        try set(GIT_OPT_SET_OWNER_VALIDATION, 0)
        // After a power failure, an object in the cache must be either complete or absent.
        try set(GIT_OPT_ENABLE_FSYNC_GITDIR, 1)
        // A file is read for the checks and again for the pack: small ones are cached, up to 2 MiB.
        try check("git_libgit2_opts", spacesync_git_opt_cached_size(GIT_OBJECT_BLOB, 32 << 10))
        try set(GIT_OPT_SET_CACHE_MAX_SIZE, bytes: 2 << 20)
        // Packs are mapped in a few small windows: a large pack mapped as a whole would count as
        // memory use.
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

    /// Accepts repository extensions that do not affect reading: sparse checkouts, partial clones.
    private static func acceptExtensions(_ names: [String]) throws(GitError) {
        let copies = names.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        var list = copies.map { UnsafePointer($0) }
        try check("git_libgit2_opts", spacesync_git_opt_extensions(&list, list.count))
    }
}

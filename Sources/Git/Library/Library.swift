internal import CGit2
import Essentials
import SpacesModel

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

/// An error of a libgit2 call.
struct GitError: Error, Hashable, Sendable {
    /// The function that was called.
    var call: String
    /// libgit2's return code, below zero (`git2/errors.h`).
    var code: Int32
    var message: String
    /// The part of libgit2 that raised the error (`git_error_t`).
    var errorClass: Int32 = 0

    /// Whether the object, reference or file does not exist.
    var isMissing: Bool { code == GIT_ENOTFOUND.rawValue }
    var isAmbiguous: Bool { code == GIT_EAMBIGUOUS.rawValue }
    var isUnborn: Bool { code == GIT_EUNBORNBRANCH.rawValue }
    var isNetworkError: Bool { [GIT_ERROR_NET, GIT_ERROR_OS].contains { Int32($0.rawValue) == errorClass } }
}

/// Throws libgit2's last error if the status is below zero. Must be called right after the failed
/// call, as the next call overwrites the error.
func check(_ call: StaticString, _ status: Int32) throws(GitError) {
    guard status < 0 else { return }
    let error = git_error_last()?.pointee
    let message = error?.message.map { trimmingLineEnd(String(cString: $0)) }
    throw GitError(
        call: "\(call)", code: status, message: message ?? "no detail", errorClass: error?.klass ?? 0)
}

/// Returns text without trailing whitespace and line ends.
func trimmingLineEnd(_ text: String) -> String {
    let end = text.lastIndex { !$0.isWhitespace }
    return end.map { String(text[...$0]) } ?? ""
}

/// The version and features of the installed libgit2.
package enum LibraryVersion {
    /// The version number, such as `1.5.1`.
    package static var text: String {
        var (major, minor, patch) = (Int32(0), Int32(0), Int32(0))
        git_libgit2_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether libgit2 was built with SSH support, which sources with SSH URLs need.
    package static var supportsSSH: Bool { git_libgit2_features() & Int32(GIT_FEATURE_SSH.rawValue) != 0 }
}

/// A serial executor that runs libgit2 calls on a dedicated thread, so that none of them blocks a
/// thread of Swift's pool. (`DispatchSerialQueue`, which provides this, is missing on Linux.)
package final class GitExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(_ name: String) { queue = DispatchQueue(label: "spacesync.git.\(name)") }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs work outside of any actor, such as opening a repository before an actor owns it.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(DeployError) -> Value
    ) async throws(DeployError) -> Value {
        let result: Result<Value, DeployError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}

/// A kind of libgit2 object. It gives each kind of handle its own type and provides the function
/// that frees it.
protocol HandleKind {
    static func free(_ raw: OpaquePointer)
}

/// The single owner of a libgit2 object: freed once, never copied.
struct Handle<Kind: HandleKind>: ~Copyable {
    let raw: OpaquePointer

    /// - Throws: libgit2's error, or a `GitError` if the call returned no object.
    init(_ call: StaticString, _ open: (inout OpaquePointer?) -> Int32) throws(GitError) {
        var pointer: OpaquePointer?
        try check(call, open(&pointer))
        guard let pointer else {
            throw GitError(call: "\(call)", code: -1, message: "no object was returned")
        }
        raw = pointer
    }

    deinit { Kind.free(raw) }
}

enum RepositoryKind: HandleKind { static func free(_ raw: OpaquePointer) { git_repository_free(raw) } }
enum DatabaseKind: HandleKind { static func free(_ raw: OpaquePointer) { git_odb_free(raw) } }
enum DatabaseObjectKind: HandleKind { static func free(_ raw: OpaquePointer) { git_odb_object_free(raw) } }
enum ReferenceKind: HandleKind { static func free(_ raw: OpaquePointer) { git_reference_free(raw) } }
enum ReferenceIteratorKind: HandleKind {
    static func free(_ raw: OpaquePointer) { git_reference_iterator_free(raw) }
}
enum StatusListKind: HandleKind { static func free(_ raw: OpaquePointer) { git_status_list_free(raw) } }
enum IndexKind: HandleKind { static func free(_ raw: OpaquePointer) { git_index_free(raw) } }
enum ConfigKind: HandleKind { static func free(_ raw: OpaquePointer) { git_config_free(raw) } }
enum ConfigIteratorKind: HandleKind {
    static func free(_ raw: OpaquePointer) { git_config_iterator_free(raw) }
}
enum PackBuilderKind: HandleKind { static func free(_ raw: OpaquePointer) { git_packbuilder_free(raw) } }
enum RemoteKind: HandleKind { static func free(_ raw: OpaquePointer) { git_remote_free(raw) } }

/// Returns the text that a call writes into a `git_buf`.
func text(_ call: StaticString, _ fill: (inout git_buf) -> Int32) throws(GitError) -> String {
    var buffer = git_buf()
    defer { git_buf_dispose(&buffer) }
    try check(call, fill(&buffer))
    return buffer.ptr.map { String(cString: $0) } ?? ""
}

extension ObjectID {
    init?(_ id: UnsafePointer<git_oid>?) {
        guard let id else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            spacesync_git_oid_bytes(id, buffer.baseAddress)
            count = 20
        }
        self.init(bytes: bytes)
    }

    /// The id as a libgit2 `git_oid`.
    var git: git_oid { spacesync_git_oid(bytes) }
}

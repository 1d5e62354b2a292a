internal import CGit2

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
    let message = error?.message.map { String(cString: $0).trimmingLineEnd }
    throw GitError(
        call: "\(call)", code: status, message: message ?? "no detail", errorClass: error?.klass ?? 0)
}

internal import CGit2

/// What a call of libgit2 said when it failed.
struct GitError: Error, Hashable, Sendable {
    /// The function that was called.
    var call: String
    /// libgit2's return code, below zero (`git2/errors.h`).
    var code: Int32
    var message: String
    /// The part of libgit2 that said it (`git_error_t`).
    var errorClass: Int32 = 0

    /// The object, reference or file is not there.
    var isMissing: Bool { code == GIT_ENOTFOUND.rawValue }
    var isAmbiguous: Bool { code == GIT_EAMBIGUOUS.rawValue }
    var isUnborn: Bool { code == GIT_EUNBORNBRANCH.rawValue }
    var isNetworkError: Bool { [GIT_ERROR_NET, GIT_ERROR_OS].contains { Int32($0.rawValue) == errorClass } }
}

/// Throws what libgit2 said, read in the frame of the failed call: the next call would overwrite it.
func check(_ call: StaticString, _ status: Int32) throws(GitError) {
    guard status < 0 else { return }
    let error = git_error_last()?.pointee
    let said = error?.message.map { String(cString: $0).trimmingLineEnd }
    throw GitError(call: "\(call)", code: status, message: said ?? "no detail", errorClass: error?.klass ?? 0)
}

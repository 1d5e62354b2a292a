internal import CGit2

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
        guard let pointer else { throw GitError(call: "\(call)", code: -1, message: "no object came back") }
        raw = pointer
    }

    deinit { Kind.free(raw) }
}

enum RepositoryKind: HandleKind { static func free(_ raw: OpaquePointer) { git_repository_free(raw) } }
enum DatabaseKind: HandleKind { static func free(_ raw: OpaquePointer) { git_odb_free(raw) } }
enum ObjectKind: HandleKind { static func free(_ raw: OpaquePointer) { git_object_free(raw) } }
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

/// What a survey has seen of one file.
struct SurveyedFile: Sendable {
    var file: TreeListing.File
    /// Its content, where the checks read it.
    var content: [UInt8]?
    var credentials: [Finding] = []
    /// What it is a pointer to.
    var pointer: LFSPointer?

    /// - Parameter pardon: whether it may hold what looks like a credential.
    init(_ blob: StoredBlob, _ kind: EntryKind, at path: Path, pardon: Bool) {
        guard let bytes = blob.bytes else {
            file = TreeListing.File(kind, size: blob.size)
            return
        }
        guard kind != .symlink else {
            file = TreeListing.File(.symlink, size: blob.size, link: Path(bytes: bytes))
            return
        }
        let sort = TreeListing.Content(of: bytes)
        file = TreeListing.File(kind, size: blob.size, sort)
        if TreeCheck.wants(path) { content = bytes }
        if sort == .lostPointer { pointer = LFSPointer(bytes) }
        if sort != .binary, !pardon { credentials = CredentialScan.findings(path: path, content: bytes) }
    }
}

/// Files that were looked at before, in the same run: the same file is not looked at twice.
struct SurveyedFiles: Sendable {
    private struct Key: Hashable, Sendable {
        var path: Path
        var entry: TreeEntry
    }

    private var files: [Key: SurveyedFile] = [:]

    subscript(entry: TreeEntry, path: Path) -> SurveyedFile? {
        get { files[Key(path: path, entry: entry)] }
        set { files[Key(path: path, entry: entry)] = newValue }
    }
}

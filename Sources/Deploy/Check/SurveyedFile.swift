import SecretScanner
import SpacesModel

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
        guard !pardon else { return }
        credentials =
            sort == .binary
            ? CredentialScan.findings(path: path, binary: bytes)
            : CredentialScan.findings(path: path, content: bytes)
    }
}

/// Files that were looked at before, in the same run: the same file is not looked at twice.
struct SurveyedFiles: Sendable {
    private struct Key: Hashable, Sendable {
        var path: Path
        var kind: EntryKind
        var id: ObjectID

        init(_ entry: TreeEntry, _ path: Path) { (self.path, kind, id) = (path, entry.kind, entry.id) }
    }

    /// Text that nothing can be said of but its size: of a hundred thousand files nearly all.
    private var plain: [Key: Int] = [:]
    private var others: [Key: SurveyedFile] = [:]

    subscript(entry: TreeEntry, path: Path) -> SurveyedFile? {
        let key = Key(entry, path)
        if let size = plain[key] { return SurveyedFile(plain: TreeListing.File(entry.kind, size: size)) }
        return others[key]
    }

    /// Hands all of it over: two that grow apart would be kept twice.
    mutating func taken() -> SurveyedFiles {
        defer { self = SurveyedFiles() }
        return self
    }

    mutating func insert(_ seen: SurveyedFile, as entry: TreeEntry, at path: Path) {
        if let size = seen.plainSize {
            plain[Key(entry, path)] = size
        } else {
            others[Key(entry, path)] = seen
        }
    }
}

extension SurveyedFile {
    fileprivate init(plain file: TreeListing.File) { self.file = file }

    /// nil where more than that is to be told.
    fileprivate var plainSize: Int? {
        let isPlain = file.content == .plain && file.link == nil && content == nil && pointer == nil
        return isPlain && credentials.isEmpty ? file.size : nil
    }
}

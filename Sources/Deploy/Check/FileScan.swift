import SecretScanner
import SpacesModel

/// What a survey has seen of one file.
struct FileScan: Sendable {
    var file: FileListing.File
    /// Its content, where the checks read it.
    var content: [UInt8]?
    var credentials: [Finding] = []
    /// What it is a pointer to.
    var pointer: LFSPointer?

    /// - Parameter pardon: whether it may hold what looks like a credential.
    init(_ blob: BlobContent, _ kind: EntryKind, at path: Path, isAllowed: Bool) {
        guard let bytes = blob.bytes else {
            file = FileListing.File(kind, size: blob.size)
            return
        }
        guard kind != .symlink else {
            file = FileListing.File(.symlink, size: blob.size, link: Path(bytes: bytes))
            return
        }
        let sort = FileListing.Content(of: bytes)
        file = FileListing.File(kind, size: blob.size, sort)
        if TreeCheck.reads(path) { content = bytes }
        if sort == .missingPointer { pointer = LFSPointer(bytes) }
        guard !isAllowed else { return }
        credentials =
            sort == .binary
            ? CredentialScan.findings(path: path, binary: bytes)
            : CredentialScan.findings(path: path, content: bytes)
    }
}

/// Files that were looked at before, in the same run: the same file is not looked at twice.
struct ScanCache: Sendable {
    private struct Key: Hashable, Sendable {
        var path: Path
        var kind: EntryKind
        var id: ObjectID

        init(_ entry: TreeEntry, _ path: Path) { (self.path, kind, id) = (path, entry.kind, entry.id) }
    }

    /// Text that nothing can be said of but its size: of a hundred thousand files nearly all.
    private var plain: [Key: Int] = [:]
    private var others: [Key: FileScan] = [:]

    subscript(entry: TreeEntry, path: Path) -> FileScan? {
        let key = Key(entry, path)
        if let size = plain[key] { return FileScan(plain: FileListing.File(entry.kind, size: size)) }
        return others[key]
    }

    /// Hands all of it over: two that grow apart would be kept twice.
    mutating func drain() -> ScanCache {
        defer { self = ScanCache() }
        return self
    }

    mutating func insert(_ scan: FileScan, as entry: TreeEntry, at path: Path) {
        if let size = scan.plainSize {
            plain[Key(entry, path)] = size
        } else {
            others[Key(entry, path)] = scan
        }
    }
}

extension FileScan {
    fileprivate init(plain file: FileListing.File) { self.file = file }

    /// nil where more than that is to be told.
    fileprivate var plainSize: Int? {
        let isPlain = file.content == .plain && file.link == nil && content == nil && pointer == nil
        return isPlain && credentials.isEmpty ? file.size : nil
    }
}

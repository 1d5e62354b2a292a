import SecretScanner
import SpacesModel

/// The result of scanning one file: kind, size, credentials and LFS pointer.
struct FileScan: Sendable {
    var file: FileListing.File
    /// The content, if the checks read this file.
    var content: [UInt8]?
    var credentials: [Finding] = []
    /// The LFS pointer that the file contains.
    var pointer: LFSPointer?

    /// - Parameter isAllowed: whether the file may contain possible credentials.
    init(_ blob: BlobContent, _ kind: EntryKind, at path: Path, isAllowed: Bool) {
        guard let bytes = blob.bytes else {
            file = FileListing.File(kind, size: blob.size)
            return
        }
        guard kind != .symlink else {
            file = FileListing.File(.symlink, size: blob.size, link: Path(bytes: bytes))
            return
        }
        let contentKind = FileListing.Content(of: bytes)
        file = FileListing.File(kind, size: blob.size, contentKind)
        if TreeCheck.reads(path) { content = bytes }
        if contentKind == .missingPointer { pointer = LFSPointer(bytes) }
        guard !isAllowed else { return }
        credentials =
            contentKind == .binary
            ? CredentialScan.findings(path: path, binary: bytes)
            : CredentialScan.findings(path: path, content: bytes)
    }
}

/// A cache of file scans within one run, so that no file is scanned twice.
struct ScanCache: Sendable {
    private struct Key: Hashable, Sendable {
        var path: Path
        var kind: EntryKind
        var id: ObjectID

        init(_ entry: TreeEntry, _ path: Path) { (self.path, kind, id) = (path, entry.kind, entry.id) }
    }

    /// The sizes of plain text files without findings: almost all of a hundred thousand files.
    private var plain: [Key: Int] = [:]
    private var others: [Key: FileScan] = [:]

    subscript(entry: TreeEntry, path: Path) -> FileScan? {
        let key = Key(entry, path)
        if let size = plain[key] { return FileScan(plain: FileListing.File(entry.kind, size: size)) }
        return others[key]
    }

    /// Returns the contents and empties this cache, so that two growing copies do not double the
    /// memory.
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

    /// The size of a plain file without findings; `nil` if the scan has more than the size.
    fileprivate var plainSize: Int? {
        let isPlain = file.content == .plain && file.link == nil && content == nil && pointer == nil
        return isPlain && credentials.isEmpty ? file.size : nil
    }
}

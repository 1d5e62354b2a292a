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

/// The files and directories of a composed tree, collected during a tree walk for the checks.
package struct FileListing: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package var kind: EntryKind
        /// In bytes; `nil` if not read.
        package var size: Int?
        package var content: Content
        /// The target of a symbolic link as in its blob; `nil` if not read.
        package var link: Path?

        package init(_ kind: EntryKind, size: Int? = nil, _ content: Content = .plain, link: Path? = nil) {
            (self.kind, self.size, self.content, self.link) = (kind, size, content, link)
        }
    }

    package enum Content: Hashable, Sendable {
        /// Text, or not inspected.
        case plain
        /// A zero byte among the first 8000 bytes, as in Git.
        case binary
        /// Sent by LFS: the tree has, or will have, an LFS pointer.
        case pointer
        /// An LFS pointer whose object is not sent and not known to be on the Space.
        case missingPointer
    }

    package private(set) var files: [Path: File] = [:]
    /// Every directory including the root, with the number of its entries.
    package private(set) var directories: [Path: Int] = [.root: 0]

    package init() {}

    package init(_ files: some Sequence<(Path, File)>) {
        for (path, file) in files { add(file, at: path) }
    }

    package mutating func add(_ file: File, at path: Path) {
        guard files.updateValue(file, forKey: path) == nil else { return }
        var parent = path.parent
        while true {
            directories[parent, default: 0] += 1
            guard directories[parent] == 1, !parent.isRoot else { return }
            parent = parent.parent
        }
    }

    /// Whether the path is a file or a directory.
    package func contains(_ path: Path) -> Bool { files[path] != nil || directories[path] != nil }

    /// All paths, for "did you mean" suggestions.
    var paths: [Path] { files.keys.sorted() + directories.keys.filter { !$0.isRoot }.sorted() }
}

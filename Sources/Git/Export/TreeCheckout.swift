import Essentials
import GitPatterns
import SpacesModel

/// What was written.
package struct ExportResult: Hashable, Sendable {
    package var files = 0
    package var bytes = 0
    /// Symbolic links that lead out of the directory, and where to.
    package var escapingLinks: [String] = []
    /// Files whose content is elsewhere: what stands here is a pointer of Git LFS.
    var pointers: [LFSFile] = []
    /// Of these, what nobody has.
    package var missing: [MissingLFSObject] = []
}

/// Writes a tree into a directory that was made for it. Each directory is entered by its descriptor and each name must
/// be new in it, so that no link, however it came there, is ever written through.
struct TreeCheckout {
    /// A tree deeper than this is nobody's; each level is an open descriptor.
    static let depthLimit = 200

    let entries: (ObjectID) throws(DeployError) -> [TreeEntry]
    /// Writes a blob to a descriptor; gives its size and what it is a pointer to.
    let copy: (ObjectID, Int32) throws(DeployError) -> BlobCopy
    let target: (ObjectID) throws(DeployError) -> [UInt8]
    private(set) var exported = ExportResult()
    /// The directory that is written, for messages.
    private var folder = ""
    private var links: [Path] = []

    struct BlobCopy {
        var size: Int
        var pointer: LFSPointer?
    }

    init(
        entries: @escaping (ObjectID) throws(DeployError) -> [TreeEntry],
        copy: @escaping (ObjectID, Int32) throws(DeployError) -> BlobCopy,
        target: @escaping (ObjectID) throws(DeployError) -> [UInt8]
    ) {
        (self.entries, self.copy, self.target) = (entries, copy, target)
    }

    mutating func write(_ tree: ObjectID, to folder: String) throws(DeployError) {
        self.folder = folder
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw writeError(.root) }
        defer { close(directory) }
        try write(tree, into: directory, at: .root, depth: 0)
        followLinks(in: folder)
    }

    private mutating func write(
        _ tree: ObjectID, into directory: Int32, at path: Path, depth: Int
    ) throws(DeployError) {
        guard depth < Self.depthLimit else {
            throw DeployError(.refused, "the tree is more than \(Self.depthLimit) directories deep")
        }
        for entry in try entries(tree) {
            guard !Task.isCancelled else {
                throw DeployError(.interrupted, "interrupted while writing the tree")
            }
            let place = path.appending(entry.name)
            if let problem = GitPathValidator.problem(with: entry.name, entry.kind) {
                throw DeployError(
                    .refused, "a name in the tree \(problem): \(place.shown)",
                    hint: "rename it, or leave it out: exclude = \(place.pattern)")
            }
            try write(entry, into: directory, at: place, depth: depth)
        }
    }

    private mutating func write(
        _ entry: TreeEntry, into directory: Int32, at path: Path, depth: Int
    ) throws(DeployError) {
        let name = (entry.name.bytes + [0]).map { CChar(bitPattern: $0) }
        switch entry.kind {
        case .tree:
            let inner = try makeDirectory(name, in: directory, path)
            defer { close(inner) }
            try write(entry.id, into: inner, at: path, depth: depth + 1)
        case .submodule: close(try makeDirectory(name, in: directory, path))
        case .symlink: try writeLink(entry.id, name, in: directory, path)
        case .file, .executable: try writeFile(entry, name, in: directory, path)
        }
    }

    private func makeDirectory(_ name: [CChar], in directory: Int32, _ path: Path) throws(DeployError)
        -> Int32
    {
        guard mkdirat(directory, name, 0o777) == 0 else { throw writeError(path) }
        let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else { throw writeError(path) }
        return inner
    }

    private mutating func writeFile(
        _ entry: TreeEntry, _ name: [CChar], in directory: Int32, _ path: Path
    ) throws(DeployError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(directory, name, flags, entry.kind == .executable ? 0o777 : 0o666)
        guard file >= 0 else { throw writeError(path) }
        defer { close(file) }
        let copied = try copy(entry.id, file)
        guard copied.size >= 0 else { throw writeError(path) }
        exported.files += 1
        exported.bytes += copied.size
        if let pointer = copied.pointer { exported.pointers.append(LFSFile(path, pointer, .object)) }
    }

    private mutating func writeLink(
        _ blob: ObjectID, _ name: [CChar], in directory: Int32, _ path: Path
    ) throws(DeployError) {
        let bytes = try target(blob)
        guard !bytes.isEmpty, !bytes.contains(0),
            symlinkat((bytes + [0]).map { CChar(bitPattern: $0) }, directory, name) == 0
        else { throw writeError(path) }
        exported.files += 1
        let target = Path(bytes: bytes)
        if path.escapesRoot(by: target) {
            exported.escapingLinks.append("\(path) → \(target)")
        } else {
            links.append(path)
        }
    }

    /// A link that looks harmless may lead out by way of another link.
    private mutating func followLinks(in folder: String) {
        guard let top = realPath(folder) else { return }
        for link in links {
            guard let end = realPath(folder + "/" + link.description), end != top,
                !end.hasPrefix(top + "/")
            else { continue }
            exported.escapingLinks.append("\(link) → \(end)")
        }
    }

    private func writeError(_ path: Path) -> DeployError {
        let code = errno
        if var failure = DiskError(code, in: folder.deletingLastPathComponent)?.failure(.output) {
            failure.message = "\(path.shown) cannot be written: \(failure.message)"
            return failure
        }
        let why = String(cString: strerror(code))
        return DeployError(
            .usage, "\(path) cannot be written: \(why)",
            details: code == EEXIST ? ["two names of the tree are one on this file system"] : [],
            hint: "name a directory on a file system that can hold it")
    }
}

extension Path {
    /// Whether a link at this path leads out of the tree, by its names alone.
    func escapesRoot(by target: Path) -> Bool {
        guard target.bytes.first != UInt8(ascii: "/") else { return true }
        var depth = parent.names.count
        for name in target.names where name != "." {
            depth += name == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}

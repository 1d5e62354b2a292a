import Essentials
import GitPatterns
import SpacesModel

/// The result of writing a tree: counts, escaping links and LFS pointers.
package struct ExportResult: Hashable, Sendable {
    package var files = 0
    package var bytes = 0
    /// Symbolic links that point outside of the directory, each with its destination.
    package var escapingLinks: [String] = []
    /// Written files that are Git LFS pointers; their content is stored elsewhere.
    var pointers: [LFSFile] = []
    /// The files of `pointers` whose LFS object was not found.
    package var missing: [MissingLFSObject] = []
}

/// Writes a tree into a newly created directory. Each directory is opened by descriptor and each
/// name must be new in it, so that no symbolic link is ever followed while writing.
struct TreeCheckout {
    /// The maximum depth of a tree. Real trees are less deep, and each level keeps a descriptor
    /// open.
    static let depthLimit = 200

    let entries: (ObjectID) throws(DeployError) -> [TreeEntry]
    /// Writes a blob to a descriptor. Returns its size and the LFS pointer if the blob is one.
    let copy: (ObjectID, Int32) throws(DeployError) -> BlobCopy
    let target: (ObjectID) throws(DeployError) -> [UInt8]
    private(set) var exported = ExportResult()
    /// The output directory, for messages.
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
            let entryPath = path.appending(entry.name)
            if let problem = GitPathValidator.problem(with: entry.name, entry.kind) {
                throw DeployError(
                    .refused, "a name in the tree \(problem): \(entryPath.shown)",
                    hint: "rename it, or exclude it: exclude = \(entryPath.pattern)")
            }
            try write(entry, into: directory, at: entryPath, depth: depth)
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
        if Self.escapesRoot(target, from: path) {
            exported.escapingLinks.append("\(path) → \(target)")
        } else {
            links.append(path)
        }
    }

    /// Records links that leave the directory through another link, which `escapesRoot` cannot
    /// see.
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
        let reason = String(cString: strerror(code))
        return DeployError(
            .usage, "\(path) cannot be written: \(reason)",
            details: code == EEXIST ? ["two names of the tree are the same on this file system"] : [],
            hint: "use a directory on another file system")
    }

    /// Returns whether the target of a link at a path is outside of the tree, judged by path components
    /// only.
    static func escapesRoot(_ target: Path, from path: Path) -> Bool {
        guard target.bytes.first != UInt8(ascii: "/") else { return true }
        var depth = path.parent.names.count
        for name in target.names where name != "." {
            depth += name == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}

import Essentials
import GitPatterns
import SpacesModel

/// What was written.
package struct Exported: Hashable, Sendable {
    package var files = 0
    package var bytes = 0
    /// Symbolic links that lead out of the directory, and where to.
    package var escapes: [String] = []
    /// Files whose content is elsewhere: what stands here is a pointer of Git LFS.
    var pointers: [LargeFile] = []
    /// Of these, what nobody has.
    package var lost: [LostFile] = []
}

/// Writes a tree into a directory that was made for it. Each directory is entered by its descriptor and each name must
/// be new in it, so that no link, however it came there, is ever written through.
struct TreeWriter {
    /// A tree deeper than this is nobody's; each level is an open descriptor.
    static let depthLimit = 200

    let entries: (ObjectID) throws(Failure) -> [TreeEntry]
    /// Writes a blob to a descriptor; gives its size and what it is a pointer to.
    let copy: (ObjectID, Int32) throws(Failure) -> BlobCopy
    let target: (ObjectID) throws(Failure) -> [UInt8]
    private(set) var exported = Exported()
    /// The directory that is written, for messages.
    private var folder = ""
    private var links: [Path] = []

    struct BlobCopy {
        var size: Int
        var pointer: LFSPointer?
    }

    init(
        entries: @escaping (ObjectID) throws(Failure) -> [TreeEntry],
        copy: @escaping (ObjectID, Int32) throws(Failure) -> BlobCopy,
        target: @escaping (ObjectID) throws(Failure) -> [UInt8]
    ) {
        (self.entries, self.copy, self.target) = (entries, copy, target)
    }

    mutating func write(_ tree: ObjectID, to folder: String) throws(Failure) {
        self.folder = folder
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw trouble(.root) }
        defer { close(directory) }
        try write(tree, into: directory, at: .root, depth: 0)
        followLinks(in: folder)
    }

    private mutating func write(
        _ tree: ObjectID, into directory: Int32, at path: Path, depth: Int
    ) throws(Failure) {
        guard depth < Self.depthLimit else {
            throw Failure(.refused, "the tree is more than \(Self.depthLimit) directories deep")
        }
        for entry in try entries(tree) {
            guard !Task.isCancelled else { throw Failure(.interrupted, "interrupted while writing the tree") }
            let place = path.appending(entry.name)
            if let problem = GitPathValidator.problem(with: entry.name, entry.kind) {
                throw Failure(
                    .refused, "a name in the tree \(problem): \(place.shown)",
                    hint: "rename it, or leave it out: exclude = \(place.pattern)")
            }
            try write(entry, into: directory, at: place, depth: depth)
        }
    }

    private mutating func write(
        _ entry: TreeEntry, into directory: Int32, at place: Path, depth: Int
    ) throws(Failure) {
        let name = (entry.name.bytes + [0]).map { CChar(bitPattern: $0) }
        switch entry.kind {
        case .tree:
            let inner = try made(name, in: directory, place)
            defer { close(inner) }
            try write(entry.id, into: inner, at: place, depth: depth + 1)
        case .submodule: close(try made(name, in: directory, place))
        case .symlink: try link(entry.id, name, in: directory, place)
        case .file, .executable: try file(entry, name, in: directory, place)
        }
    }

    private func made(_ name: [CChar], in directory: Int32, _ place: Path) throws(Failure) -> Int32 {
        guard mkdirat(directory, name, 0o777) == 0 else { throw trouble(place) }
        let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else { throw trouble(place) }
        return inner
    }

    private mutating func file(
        _ entry: TreeEntry, _ name: [CChar], in directory: Int32, _ place: Path
    ) throws(Failure) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(directory, name, flags, entry.kind == .executable ? 0o777 : 0o666)
        guard file >= 0 else { throw trouble(place) }
        defer { close(file) }
        let copied = try copy(entry.id, file)
        guard copied.size >= 0 else { throw trouble(place) }
        exported.files += 1
        exported.bytes += copied.size
        if let pointer = copied.pointer { exported.pointers.append(LargeFile(place, pointer, .object)) }
    }

    private mutating func link(
        _ blob: ObjectID, _ name: [CChar], in directory: Int32, _ place: Path
    ) throws(Failure) {
        let bytes = try target(blob)
        guard !bytes.isEmpty, !bytes.contains(0),
            symlinkat((bytes + [0]).map { CChar(bitPattern: $0) }, directory, name) == 0
        else { throw trouble(place) }
        exported.files += 1
        let target = Path(bytes: bytes)
        if place.leadsOut(by: target) {
            exported.escapes.append("\(place) → \(target)")
        } else {
            links.append(place)
        }
    }

    /// A link that looks harmless may lead out by way of another link.
    private mutating func followLinks(in folder: String) {
        guard let top = realPath(folder) else { return }
        for link in links {
            guard let end = realPath(folder + "/" + link.description), end != top,
                !end.hasPrefix(top + "/")
            else { continue }
            exported.escapes.append("\(link) → \(end)")
        }
    }

    private func trouble(_ place: Path) -> Failure {
        let code = errno
        if var failure = DiskFault(code, in: folder.deletingLastPathComponent)?.failure(.output) {
            failure.message = "\(place.shown) cannot be written: \(failure.message)"
            return failure
        }
        let why = String(cString: strerror(code))
        return Failure(
            .usage, "\(place) cannot be written: \(why)",
            details: code == EEXIST ? ["two names of the tree are one on this file system"] : [],
            hint: "name a directory on a file system that can hold it")
    }
}

extension Path {
    /// Whether a link at this path leads out of the tree, by its names alone.
    func leadsOut(by target: Path) -> Bool {
        guard target.bytes.first != UInt8(ascii: "/") else { return true }
        var depth = parent.names.count
        for name in target.names where name != "." {
            depth += name == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}

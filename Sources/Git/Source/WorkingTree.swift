import Essentials
import GitPatterns
import SpacesModel
import TextTools

/// The files of a work tree on disk. Every directory is opened by descriptor and never through a
/// symbolic link (`openat(2)`, `O_NOFOLLOW`). Git directories are never read, whatever their name.
struct WorkingTree: Sendable {
    let top: String
    /// The repository's own Git directories, which may be inside the work tree under any name.
    private let gitDirectories: Set<FileIdentity>

    init(top: String, gitDirectories: [String] = []) {
        self.top = top
        self.gitDirectories = Set(gitDirectories.compactMap { FileIdentity(path: $0) })
    }

    /// Lists the files at a path, recursively.
    /// - Throws: kind `settings` for a path through a link or into a Git directory, `source` for
    ///   anything other than a file, link or directory, or if it cannot be read.
    func files(at path: Path) throws(DeployError) -> [WorkTreeFile] {
        guard !path.isRoot else {
            return try withDirectory(.root) { (directory) throws(DeployError) -> [WorkTreeFile] in
                try files(in: directory, at: .root, depth: 0)
            } ?? []
        }
        return try withDirectory(path.parent) { (directory) throws(DeployError) -> [WorkTreeFile] in
            try Self.checkIsNoGitDirectory(path)
            guard let status = Self.status(path.name, in: directory) else { return [] }
            return try files(status, in: directory, at: path, depth: 0)
        } ?? []
    }

    func content(of file: WorkTreeFile) throws(DeployError) -> [UInt8] {
        let content = try withDirectory(file.path.parent) { (directory) throws(DeployError) -> [UInt8] in
            try Self.checkIsNoGitDirectory(file.path)
            return file.kind == .symlink
                ? try Self.link(file.path, in: directory) : try Self.regularFile(file.path, in: directory)
        }
        guard let content else { throw Self.unreadable(file.path, ENOENT) }
        return content
    }

    private func files(
        _ status: stat, in directory: Int32, at path: Path, depth: Int
    ) throws(DeployError) -> [WorkTreeFile] {
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let kind: EntryKind = status.st_mode & S_IXUSR == 0 ? .file : .executable
            return [WorkTreeFile(path: path, kind: kind)]
        case S_IFLNK: return [WorkTreeFile(path: path, kind: .symlink)]
        case S_IFDIR:
            guard let inner = try enter(path.name, in: directory, at: path) else { return [] }
            defer { close(inner) }
            return try files(in: inner, at: path, depth: depth + 1)
        default:
            throw DeployError(
                .source, "\(path.shown) is not a file or link: it cannot be deployed",
                hint: "remove it, or list the other files in add")
        }
    }

    private func files(in directory: Int32, at path: Path, depth: Int) throws(DeployError) -> [WorkTreeFile] {
        // Each level keeps a descriptor open.
        guard depth < TreeLimit.depth, path.bytes.count <= Path.maxLength else {
            throw Self.limitExceeded(path)
        }
        var result: [WorkTreeFile] = []
        for name in try Self.names(in: directory, at: path) where !GitPathValidator.isDotGit(name) {
            // The entry may have been removed since it was listed.
            guard let status = Self.status(name, in: directory), !isOwnGitDirectory(status) else { continue }
            result += try files(status, in: directory, at: path.appending(name), depth: depth)
            guard result.count <= TreeLimit.entries else { throw Self.limitExceeded(path) }
        }
        return result
    }

    private static func limitExceeded(_ path: Path) -> DeployError {
        DeployError(
            .source, "\(path.shown.shortened(to: 200)) of the work tree exceeds a limit",
            details: [
                "the limits are \(TreeLimit.entries) files, \(TreeLimit.depth) nested directories "
                    + "and paths of \(Path.maxLength) bytes"
            ],
            hint: "add only what you need: add = FROM")
    }

    private func isOwnGitDirectory(_ status: stat) -> Bool { gitDirectories.contains(FileIdentity(status)) }

    /// Opens a directory of the work tree, one path component at a time, and calls `use`; `nil` if
    /// it does not exist.
    private func withDirectory<Value>(
        _ path: Path, _ use: (Int32) throws(DeployError) -> Value
    ) throws(DeployError) -> Value? {
        var directory = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.unreadable(.root, errno) }
        defer { close(directory) }
        var currentPath = Path.root
        for name in path.names {
            currentPath = currentPath.appending(name)
            try Self.checkIsNoGitDirectory(currentPath)
            guard let inner = try enter(name, in: directory, at: currentPath) else { return nil }
            close(directory)
            directory = inner
        }
        return try use(directory)
    }

    /// Opens a subdirectory of an open directory; `nil` if it does not exist.
    private func enter(_ name: Path, in directory: Int32, at path: Path) throws(DeployError) -> Int32? {
        let inner = openat(directory, cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else {
            let cause = errno
            if cause == ENOENT { return nil }
            if let status = Self.status(name, in: directory), status.st_mode & S_IFMT == S_IFLNK {
                throw DeployError(
                    .settings, "add does not follow the symbolic link \(path.shown) of the work tree",
                    hint: "use the real path, inside the work tree")
            }
            // A file in place of a directory has no entries.
            if cause == ENOTDIR { return nil }
            throw Self.unreadable(path, cause)
        }
        var status = stat()
        guard fstat(inner, &status) == 0, !isOwnGitDirectory(status) else {
            close(inner)
            throw Self.gitDirectory(path)
        }
        return inner
    }

    private static func checkIsNoGitDirectory(_ path: Path) throws(DeployError) {
        if GitPathValidator.isDotGit(path.name) { throw gitDirectory(path) }
    }

    private static func gitDirectory(_ path: Path) -> DeployError {
        DeployError(
            .settings, "add does not read from a Git directory: \(path.shown)",
            hint: "its configuration may contain credentials; copy what you need to another place")
    }

    /// Reads a regular file. Other types are not opened, because opening a FIFO or a device has
    /// side effects.
    private static func regularFile(_ path: Path, in directory: Int32) throws(DeployError) -> [UInt8] {
        guard let initialStatus = status(path.name, in: directory) else { throw unreadable(path, errno) }
        let changed = DeployError(.source, "\(path.shown) of the work tree is not a regular file anymore")
        guard initialStatus.st_mode & S_IFMT == S_IFREG else { throw changed }
        let file = openat(directory, cString(path.name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw unreadable(path, errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw changed }
        guard let bytes = readToEnd(of: file, expecting: Int(clamping: status.st_size)) else {
            throw unreadable(path, errno)
        }
        return bytes
    }

    private static func link(_ path: Path, in directory: Int32) throws(DeployError) -> [UInt8] {
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = target.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { readlinkat(directory, cString(path.name), $0, buffer.count) }
                    ?? -1
            }
        }
        guard count >= 0 else { throw unreadable(path, errno) }
        return Array(target.prefix(count))
    }

    private static func names(in directory: Int32, at path: Path) throws(DeployError) -> [Path] {
        // closedir(3) closes the duplicate.
        let duplicate = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard duplicate >= 0 else { throw unreadable(path, errno) }
        guard let stream = fdopendir(duplicate) else {
            let cause = errno
            close(duplicate)
            throw unreadable(path, cause)
        }
        defer { closedir(stream) }
        var names: [Path] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes != Array(".".utf8), bytes != Array("..".utf8) { names.append(Path(bytes: bytes)) }
        }
        return names.sorted()
    }

    private static func status(_ name: Path, in directory: Int32) -> stat? {
        var status = stat()
        return fstatat(directory, cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    private static func unreadable(_ path: Path, _ cause: Int32) -> DeployError {
        let subject = path.isRoot ? "the work tree" : "\(path.shown) of the work tree"
        return DeployError(.source, "\(subject) cannot be read", details: [String(cString: strerror(cause))])
    }
}

/// The identity of a file independent of its name: device and inode (stat(2)).
private struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    init(_ status: stat) { (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino)) }

    /// Follows symbolic links; `nil` if the path does not exist.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }
}

/// Returns a path for system calls, with a terminating zero byte.
private func cString(_ path: Path) -> [CChar] { (path.bytes + [0]).map { CChar(bitPattern: $0) } }

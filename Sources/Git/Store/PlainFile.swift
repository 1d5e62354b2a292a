import Essentials

/// Access to spacesync's own small files without following symbolic links: an attacker who could
/// once write to the directory may have left a link to another file of this user.
package enum PlainFile {
    /// Opens a file. With `O_CREAT`, a symbolic link at the path is removed.
    /// - Parameter flags: flags of open(2) without `O_CLOEXEC` and `O_NOFOLLOW`, which are added.
    /// - Returns: the descriptor, or -1 if the file cannot be opened.
    package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) -> Int32 {
        let file = Essentials.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file < 0, flags & O_CREAT != 0, removeLink(path) else { return file }
        return Essentials.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
    }

    /// Creates a directory with mode 0700 unless it exists. A symbolic link at the path is removed,
    /// but not the link's target.
    /// - Parameter base: the parent directory, whose path may contain the user's own symbolic
    ///   links.
    package static func makeDirectory(_ name: String, in base: String) {
        try? FileManager.default.createDirectory(
            atPath: base, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        _ = removeLink("\(base)/\(name)")
        mkdir("\(base)/\(name)", 0o700)
    }

    /// Returns the content of a file; `nil` if it is not a readable regular file or longer than
    /// `limit` bytes.
    package static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size <= off_t(limit) else {
            return nil
        }
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while bytes.count <= limit {
            let count = Essentials.read(file, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 { bytes += buffer[..<count] } else if errno != EINTR { return nil }
        }
        return nil
    }

    /// Replaces a file atomically, so that other processes never read a partial file.
    /// - Returns: whether the file was written.
    @discardableResult
    package static func replace(_ path: String, with bytes: some Collection<UInt8>, mode: mode_t = 0o600)
        -> Bool
    {
        let temporaryPath = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max))~"
        let file = Essentials.open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { return false }
        let isWritten = write(Array(bytes), to: file)
        close(file)
        guard isWritten, rename(temporaryPath, path) == 0 else {
            unlink(temporaryPath)
            return false
        }
        return true
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var remaining = bytes[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { Essentials.write(file, $0.baseAddress, $0.count) }
            if count > 0 { remaining = remaining.dropFirst(count) } else if errno != EINTR { return false }
        }
        return true
    }

    /// Removes a symbolic link.
    /// - Returns: whether there was a link and it was removed.
    @discardableResult
    package static func removeLink(_ path: String) -> Bool { isLink(path) && unlink(path) == 0 }

    package static func isLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }
}

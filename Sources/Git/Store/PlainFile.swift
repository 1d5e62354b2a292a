import Essentials

/// Small files of spacesync's own. No symbolic link is followed: whoever could write to the directory once may have left
/// one that leads to another file of this user.
package enum PlainFile {
    /// Opens a file. A link in its place is removed.
    /// - Parameter flags: of open(2), without `O_CLOEXEC` and `O_NOFOLLOW`.
    /// - Returns: -1 if it cannot be opened.
    package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) -> Int32 {
        let file = Essentials.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file < 0, flags & O_CREAT != 0, removeLink(path) else { return file }
        return Essentials.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
    }

    /// Makes a directory of mode 0700 where there is none. A link in its place is removed, not the link's target.
    /// - Parameter base: the directory above it, which may be reached by a link of the user's own.
    package static func makeDirectory(_ name: String, in base: String) {
        try? FileManager.default.createDirectory(
            atPath: base, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        _ = removeLink("\(base)/\(name)")
        mkdir("\(base)/\(name)", 0o700)
    }

    /// `nil` if there is no regular file that can be read, or it is longer than `limit` bytes.
    package static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size <= off_t(limit) else {
            return nil
        }
        var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while bytes.count <= limit {
            let count = Essentials.read(file, &part, part.count)
            if count == 0 { return bytes }
            if count > 0 { bytes += part[..<count] } else if errno != EINTR { return nil }
        }
        return nil
    }

    /// Replaces a file in one step, so that nobody reads a part of it.
    /// - Returns: whether it was written.
    @discardableResult
    package static func replace(_ path: String, with bytes: some Collection<UInt8>, mode: mode_t = 0o600)
        -> Bool
    {
        let fresh = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max))~"
        let file = Essentials.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { return false }
        let isWritten = write(Array(bytes), to: file)
        close(file)
        guard isWritten, rename(fresh, path) == 0 else {
            unlink(fresh)
            return false
        }
        return true
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Essentials.write(file, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return false }
        }
        return true
    }

    /// - Returns: whether there was a link, which is gone now.
    @discardableResult
    package static func removeLink(_ path: String) -> Bool { isLink(path) && unlink(path) == 0 }

    package static func isLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }
}

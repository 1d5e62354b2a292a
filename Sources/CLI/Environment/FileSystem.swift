import Deploy
import Essentials
import Git
import Reporting
import SpacesModel
import Synchronization
import TextTools

extension FileError {
    /// Returns the error of a failed write.
    /// - Parameters:
    ///   - path: the absolute path of the file.
    ///   - other: the error if the disk is not the cause.
    func failure(writing path: String, else other: DeployError) -> DeployError {
        let directory = path.deletingLastPathComponent
        guard var failure = DiskError(code, in: directory)?.failure(.output) else { return other }
        failure.message = "\(other.message.split(separator: ":")[0]): \(failure.message)"
        return failure
    }
}

/// Writes a new file and renames it over the old one, so that a reader never sees a partial file. A
/// symbolic link is followed and kept; a file that is not regular (FIFO, device) or already open
/// (/dev/stdout) is written to directly.
/// - Parameter mode: `nil` if the umask decides the mode of a new file.
func writeAtomically(_ data: Data, to path: String, mode: mode_t?) throws(FileError) {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var info = stat()
    let isOpen = ["/dev/", "/proc/"].contains(where: path.hasPrefix)
    if isOpen || stat(target, &info) == 0 && info.st_mode & S_IFMT != S_IFREG {
        // This also throws if the path is a directory.
        if let error = appendToFile(data, at: path, mode: 0o600) { throw error }
        return
    }
    let temporary = target + ".new-\(UInt32.random(in: 0...UInt32.max))"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? 0o666)
    guard file >= 0 else { throw FileError.last }
    if let mode { fchmod(file, mode) }
    let isWritten = data.withUnsafeBytes { $0.writeAll(to: file) } && fsync(file) == 0
    var error = isWritten ? nil : FileError.last
    // Some file systems report a full disk only on close.
    if close(file) != 0, error == nil { error = .last }
    if error == nil, rename(temporary, target) != 0 { error = .last }
    if let error {
        unlink(temporary)
        throw error
    }
}

/// Reads a small file or a pipe; `nil` if the path cannot be read, or if the task is cancelled
/// before anything was written to the pipe.
/// - Parameter followsLinks: if false, a path whose last component is a symbolic link is not read.
func readFile(_ path: String, limit: Int, followsLinks: Bool = true) -> [UInt8]? {
    // A blocking open(2) or read(2) on a pipe could not be interrupted by Ctrl-C.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard file >= 0 else { return nil }
    defer { close(file) }
    var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: min(limit + 1, 1 << 16)))
    while bytes.count <= limit {
        let count = read(file, &part, min(part.count, limit + 1 - bytes.count))
        if count > 0 {
            bytes += part[..<count]
        } else if count == 0 ? isPipe(file) : errno == EAGAIN {
            guard waitForData(into: file) else { return bytes }
        } else if count == 0 {
            return bytes
        } else if errno != EINTR {
            return nil
        }
        guard !Task.isCancelled else { return nil }
    }
    return bytes
}

private func isPipe(_ file: Int32) -> Bool {
    var info = stat()
    return fstat(file, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
}

/// Waits up to 100 ms for data. Returns false if all writers have closed the pipe; before the first
/// writer, poll(2) reports nothing.
private func waitForData(into file: Int32) -> Bool {
    var request = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 100) > 0 else { return true }
    return request.revents & Int16(POLLIN) != 0
}

/// A lock that the kernel releases when its process ends (flock(2)), so that no stale lock is left.
/// The file contains the holder.
final class FileLock: DeployLock {
    private let descriptor: Mutex<Int32?>

    private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    /// Acquires the lock, waiting for the current holder.
    /// - Parameters:
    ///   - subject: the locked thing, for messages: `me/app`.
    ///   - onWait: called once with the holder if there is a wait.
    /// - Returns: `nil` if locking is not possible, for example in a read-only cache.
    /// - Throws: kind `tryLater`, with the holder.
    static func acquire(
        _ path: String, for subject: String, waiting limit: Duration, onWait: (String) -> Void = { _ in }
    ) async throws(DeployError) -> FileLock? {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let file = PlainFile.open(path, O_RDWR | O_CREAT)
        guard file >= 0 else { return nil }
        let end = ContinuousClock.now + limit
        var hasReported = false
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let cause = errno
            guard cause == EWOULDBLOCK || cause == EINTR else {
                // The file system has no locks.
                close(file)
                return nil
            }
            let holder = holder(file)
            guard ContinuousClock.now < end, !Task.isCancelled else {
                close(file)
                throw lockedError(subject, by: holder, after: limit)
            }
            if !hasReported { onWait(holder) }
            hasReported = true
            try? await Task.sleep(for: .milliseconds(100))
        }
        writeHolder(file)
        return FileLock(file)
    }

    func release() {
        descriptor.withLock { file in
            if let file { close(file) }
            file = nil
        }
    }

    deinit { release() }

    private static func lockedError(_ subject: String, by holder: String, after limit: Duration)
        -> DeployError
    {
        if Task.isCancelled { return DeployError(.interrupted, "interrupted while waiting for \(subject)") }
        let waited = limit > .zero ? " (waited \(limit.text(.minutes)))" : ""
        return DeployError(
            .tryLater, "another run is active for \(subject)\(waited): \(holder)",
            hint: "wait until it ends, or use --wait 5m to wait longer")
    }

    private static func writeHolder(_ file: Int32) {
        let command = CommandLine.arguments.dropFirst().first ?? ""
        let text = "process \(getpid()), spacesync \(command), since \(Date().formatted(.iso8601))\n"
        ftruncate(file, 0)
        _ = Array(text.utf8).withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    private static func holder(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .trimmingWhitespace()
        return text.isEmpty ? "unknown process" : text.visible
    }
}

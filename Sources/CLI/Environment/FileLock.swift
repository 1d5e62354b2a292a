import Deploy
import Essentials
import Git
import Reporting
import SpacesModel
import Synchronization

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
        let waited = limit > .zero ? ", after \(limit.shortDescription)" : ""
        return DeployError(
            .tryLater, "another run has \(subject)\(waited): \(holder)",
            hint: "it ends by itself; to wait longer: --wait 5m")
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
        return text.isEmpty ? "it does not say who it is" : text.visible
    }
}

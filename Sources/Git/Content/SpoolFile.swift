import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// A temporary file for an object on its way from the source's server to the Space. The file is
/// unlinked while open, so that the system frees it even if this process crashes. The content is
/// hashed while it is written.
package final class SpoolFile: Sendable {
    private struct State: ~Copyable {
        var hash: SHA256? = SHA256()
        var length = 0
        /// The first error while writing.
        var failure: DeployError?
    }

    private let file: OpenFile
    private let directory: String
    private let state = Mutex(State())

    package var length: Int { state.withLock { $0.length } }
    package var failure: DeployError? { state.withLock { $0.failure } }

    /// - Parameters:
    ///   - directory: created if it is missing; the system's temporary directory is used if it
    ///     cannot be written.
    ///   - size: the expected size, in bytes.
    /// - Throws: kind `tryLater` if there is not enough disk space.
    package init(in directory: String, for size: Int) throws(DeployError) {
        let needed = size.addingClamped(Self.reservedSpace)
        var firstError: DeployError?
        for candidate in [directory, temporaryDirectory()] {
            guard let file = Self.open(in: candidate) else {
                firstError = firstError ?? DiskError.temporaryFailure(in: candidate, errno)
                continue
            }
            let free = DiskError.freeSpace(in: candidate)
            guard free >= needed, needed < .max else {
                let full = Self.diskFullError(candidate, needed: needed, free: free)
                firstError = firstError?.kind == .tryLater ? firstError : full
                continue
            }
            (self.file, self.directory) = (file, candidate)
            return
        }
        throw firstError ?? DiskError.temporaryFailure(in: directory, EIO)
    }

    /// Opens an existing file and truncates it.
    package init(over path: String) throws(DeployError) {
        let descriptor = Essentials.open(path, O_RDWR | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw DeployError(.usage, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        (file, directory) = (OpenFile(owning: descriptor), path.deletingLastPathComponent)
    }

    private static func open(in directory: String) -> OpenFile? {
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var template = Array((directory + "/lfs-XXXXXX").utf8CString)  // mkstemp(3) replaces the six X
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return OpenFile(owning: descriptor)
    }

    /// Disk space that is left free for other processes, in bytes.
    private static let reservedSpace = 16 << 20

    private static func diskFullError(_ directory: String, needed: Int, free: Int) -> DeployError {
        DeployError(
            .tryLater,
            "not enough disk space: \(directory) has \(free.asSize) left, \(needed.asSize) are needed temporarily",
            hint: "free space there, or use another directory: set cache = DIR in [spacesync]")
    }

    /// Appends bytes. Must not be called concurrently. Writes nothing after an error.
    /// - Returns: whether the bytes were written; if not, `failure` has the reason.
    package func append(_ bytes: Data) -> Bool {
        guard failure == nil else { return false }
        let error = bytes.withUnsafeBytes { write($0, at: length) }
        return state.withLock { state in
            state.failure = error
            guard error == nil else { return false }
            bytes.withUnsafeBytes { state.hash?.update($0) }
            state.length += bytes.count
            return true
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at start: Int) -> DeployError? {
        var (remaining, end) = (bytes, start)
        while !remaining.isEmpty {
            let count = pwrite(file.descriptor, remaining.baseAddress, remaining.count, off_t(end))
            if count > 0 {
                remaining = UnsafeRawBufferPointer(rebasing: remaining.dropFirst(count))
                end += count
            } else if count == 0 || errno != EINTR {
                return writeError(needed: remaining.count)
            }
        }
        return nil
    }

    private func writeError(needed: Int) -> DeployError {
        let code = errno
        if code == ENOSPC {
            return Self.diskFullError(directory, needed: needed, free: DiskError.freeSpace(in: directory))
        }
        if let diskError = DiskError(code, in: directory) { return diskError.failure(.output) }
        return DeployError(.tryLater, "\(directory) cannot be written: \(String(cString: strerror(code)))")
    }

    /// Appends the complete content of an object. Blocks: do not call it from a thread of Swift's
    /// pool.
    package func copy(_ content: ObjectContent) -> Bool {
        var (offset, buffer) = (0, Data(count: 1 << 20))
        while offset < content.size {
            let count = buffer.withUnsafeMutableBytes { content.read(at: offset, into: $0) }
            guard count > 0, append(buffer.prefix(count)) else { return false }
            offset += count
        }
        return true
    }

    /// Discards what was written, for another attempt.
    package func clear() {
        state.withLock { state in
            state.hash = SHA256()
            state.length = 0
        }
        _ = ftruncate(file.descriptor, 0)
    }

    /// The content that was written so far.
    package var content: ObjectContent { ObjectContent(file, size: length) }

    /// Verifies that what was written has the SHA-256 of a pointer. Can be called only once.
    /// - Parameter message: the start of the error's message.
    package func verify(_ pointer: LFSPointer, _ message: String) throws(DeployError) {
        let oid = finish()
        guard oid != pointer.oid else { return }
        throw DeployError(
            .source,
            "\(message): the SHA-256 is \(oid.prefix(12))…, but the pointer has \(pointer.oid.prefix(12))…",
            hint: "run git lfs fsck to find and fix it; if the server's copy is damaged, fix it there"
        )
    }

    /// Returns the SHA-256 of what was written, in hexadecimal digits. Can be called only once.
    func finish() -> String { state.withLock { $0.hash.take()?.finalize() ?? [] }.hex }
}

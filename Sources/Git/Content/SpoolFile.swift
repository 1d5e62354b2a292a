import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// Where an object lies between the source's server and the Space: a file that no name leads to any more, so that the
/// system takes it back whatever becomes of this process. It is hashed as it is written.
package final class SpoolFile: Sendable {
    private struct State: ~Copyable {
        var hash: SHA256? = SHA256()
        var length = 0
        /// What kept it from being written.
        var failure: DeployError?
    }

    private let file: OpenFile
    private let directory: String
    private let state = Mutex(State())

    package var length: Int { state.withLock { $0.length } }
    package var failure: DeployError? { state.withLock { $0.failure } }

    /// - Parameters:
    ///   - directory: made when it is not there; the system's temporary directory stands in for one that cannot be written.
    ///   - size: of what will lie there, in bytes.
    /// - Throws: kind `tryLater` when there is no room for it.
    package init(in directory: String, for size: Int) throws(DeployError) {
        let needed = size.addingClamped(Self.reservedSpace)
        var trouble: DeployError?
        for place in [directory, temporaryDirectory()] {
            guard let file = Self.open(in: place) else {
                trouble = trouble ?? DeployError(temporary: place, errno)
                continue
            }
            let free = DiskError.freeSpace(in: place)
            guard free >= needed, needed < .max else {
                let full = Self.diskFullError(place, needed: needed, free: free)
                trouble = trouble?.kind == .tryLater ? trouble : full
                continue
            }
            (self.file, self.directory) = (file, place)
            return
        }
        throw trouble ?? DeployError(temporary: directory, EIO)
    }

    /// A file that is there already, written from its beginning.
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

    /// Kept free for others. Bytes.
    private static let reservedSpace = 16 << 20

    private static func diskFullError(_ directory: String, needed: Int, free: Int) -> DeployError {
        DeployError(
            .tryLater,
            "the disk is too small: \(directory) has \(free.asSize) left, and \(needed.asSize) are needed for a while",
            hint: "make room there, or name another place: cache in [spacesync]")
    }

    /// Takes more of it, from one caller at a time; nothing after a failure.
    /// - Returns: whether it was written; else `failure` says why.
    package func append(_ bytes: Data) -> Bool {
        guard failure == nil else { return false }
        let trouble = bytes.withUnsafeBytes { write($0, at: length) }
        return state.withLock { state in
            state.failure = trouble
            guard trouble == nil else { return false }
            bytes.withUnsafeBytes { state.hash?.update($0) }
            state.length += bytes.count
            return true
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at start: Int) -> DeployError? {
        var (rest, end) = (bytes, start)
        while !rest.isEmpty {
            let count = pwrite(file.descriptor, rest.baseAddress, rest.count, off_t(end))
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                end += count
            } else if count == 0 || errno != EINTR {
                return writeError(needed: rest.count)
            }
        }
        return nil
    }

    private func writeError(needed: Int) -> DeployError {
        let code = errno
        if code == ENOSPC {
            return Self.diskFullError(directory, needed: needed, free: DiskError.freeSpace(in: directory))
        }
        if let fault = DiskError(code, in: directory) { return fault.failure(.output) }
        return DeployError(.tryLater, "\(directory) cannot be written: \(String(cString: strerror(code)))")
    }

    /// Takes in the whole of an object. Blocks: not for Swift's own threads.
    package func copy(_ content: ObjectContent) -> Bool {
        var (offset, buffer) = (0, Data(count: 1 << 20))
        while offset < content.size {
            let count = buffer.withUnsafeMutableBytes { content.read(at: offset, into: $0) }
            guard count > 0, append(buffer.prefix(count)) else { return false }
            offset += count
        }
        return true
    }

    /// Begins again.
    package func clear() {
        state.withLock { state in
            state.hash = SHA256()
            state.length = 0
        }
        _ = ftruncate(file.descriptor, 0)
    }

    /// What was written.
    package var content: ObjectContent { ObjectContent(file, size: length) }

    /// Looks, once, whether what was written is what a pointer stands for.
    /// - Parameter trouble: what is said when it is not.
    package func verify(_ pointer: LFSPointer, _ message: String) throws(DeployError) {
        let oid = finish()
        guard oid != pointer.oid else { return }
        throw DeployError(
            .source,
            "\(message): the SHA-256 is \(oid.prefix(12))…, the pointer says \(pointer.oid.prefix(12))…",
            hint: "find and mend it: git lfs fsck; a server that keeps a broken object has to be mended there"
        )
    }

    /// The SHA-256 of what was written, in hexadecimal digits; once.
    func finish() -> String { state.withLock { $0.hash.take()?.finalize() ?? [] }.hex }
}

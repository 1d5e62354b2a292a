import Deploy
import Digest
import Foundation

/// Where an object lies between the source's server and the Space: a file that no name leads to any more, so that the
/// system takes it back whatever becomes of this process.
actor Spool {
    private let executor = GitExecutor("spool")
    private let file: OpenFile
    private let directory: String
    private var hash: SHA256? = SHA256()
    private(set) var length = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - directory: made when it is not there; the system's temporary directory stands in for one that cannot be written.
    ///   - size: of what will lie there, in bytes.
    /// - Throws: kind `tryLater` when there is no room for it.
    init(in directory: String, for size: Int) throws(Failure) {
        let places = [directory, NSTemporaryDirectory()]
        guard
            let (file, place) = places.lazy.compactMap({ path in Self.open(in: path).map { ($0, path) } })
                .first
        else {
            throw Failure(
                .internalFault,
                "no temporary file can be made in \(directory): \(String(cString: strerror(errno)))")
        }
        (self.file, self.directory) = (file, place)
        let (free, needed) = (Self.free(in: place), size.addingClamped(Self.margin))
        guard free >= needed, needed < .max else { throw Self.full(place, needed: needed, free: free) }
    }

    /// A file that is there already, written from its beginning.
    init(over path: String) throws(Failure) {
        let descriptor = Foundation.open(path, O_RDWR | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.usage, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        (file, directory) = (OpenFile(owning: descriptor), (path as NSString).deletingLastPathComponent)
    }

    private static func open(in directory: String) -> OpenFile? {
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var template = Array((directory + "/lfs-XXXXXX").utf8CString)  // mkstemp writes the name into it
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return OpenFile(owning: descriptor)
    }

    /// Kept free for others. Bytes.
    private static let margin = 16 << 20

    private static func free(in directory: String) -> Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return .max }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
                .partialValue)
    }

    private static func full(_ directory: String, needed: Int, free: Int) -> Failure {
        Failure(
            .tryLater,
            "the disk is too small: \(directory) has \(free.asSize) left, and \(needed.asSize) are needed for a while",
            hint: "make room there, or name another place: cache in [spacesync]")
    }

    func append(_ bytes: Data) throws(Failure) {
        guard let hash = hash.take() else {
            throw Failure(.internalFault, "an object was written on after its end")
        }
        bytes.withUnsafeBytes { hash.update($0) }
        self.hash = consume hash
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(length))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
                length += count
            } else if errno != EINTR {
                throw errno == ENOSPC || errno == EDQUOT
                    ? Self.full(directory, needed: rest.count, free: Self.free(in: directory))
                    : Failure(
                        .tryLater, "\(directory) cannot be written: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Takes in the whole of an object.
    func copy(_ content: ObjectContent) throws(Failure) {
        var (offset, buffer) = (0, Data(count: 1 << 20))
        while offset < content.size {
            let count = buffer.withUnsafeMutableBytes { content.read(at: offset, into: $0) }
            guard count > 0 else { throw Failure(.source, "an LFS object cannot be read to its end") }
            try append(buffer.prefix(count))
            offset += count
        }
    }

    /// Begins again.
    func clear() {
        hash = SHA256()
        length = 0
        _ = ftruncate(file.descriptor, 0)
    }

    /// What was written, and its SHA-256 in hexadecimal digits.
    func finish() -> (content: ObjectContent, oid: String) {
        let digest = hash.take()?.finalize() ?? []
        return (ObjectContent(file, size: length), digest.hex)
    }
}

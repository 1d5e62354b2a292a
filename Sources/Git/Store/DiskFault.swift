internal import CGit2
import Essentials
import SpacesModel

/// A directory that accepts no more data, and why.
package struct DiskError: Error, Hashable, Sendable {
    /// Who the directory belongs to: what can be done differs.
    package enum Role: Hashable, Sendable { case cache, temporary, output }

    package let directory: String
    /// `ENOSPC`, `EDQUOT`, `EROFS` or `EFBIG`.
    package let code: Int32

    /// `nil` if the error has another cause.
    package init?(_ code: Int32, in directory: String) {
        guard [ENOSPC, EDQUOT, EROFS, EFBIG].contains(code) else { return nil }
        (self.directory, self.code) = (directory, code)
    }

    /// `nil` if a failed call of libgit2 has another cause. libgit2 appends the system's words, though not always.
    init?(_ error: GitError, in directory: String) {
        let codes = [ENOSPC, EDQUOT, EROFS, EFBIG]
        let named = codes.first { error.message.hasSuffix(String(cString: strerror($0))) }
        let isWrite = error.errorClass == Int32(GIT_ERROR_OS.rawValue) || error.message.contains("write")
        guard let code = named ?? (isWrite && !Self.hasFreeSpace(in: directory) ? ENOSPC : nil) else {
            return nil
        }
        self.init(code, in: directory)
    }

    /// A full file system, known before anything is written; `nil` if there is room or it cannot be found out.
    package init?(ifFull directory: String) {
        guard !Self.hasFreeSpace(in: directory) else { return nil }
        self.init(ENOSPC, in: directory)
    }

    /// Bytes below which a file system counts as full: its last blocks are used up by names and directories.
    private static let minFreeSpace = 64 << 10

    private static func hasFreeSpace(in directory: String) -> Bool {
        freeSpace(in: directory) >= minFreeSpace && !lacksInodes(directory)
    }

    private static func lacksInodes(_ directory: String) -> Bool {
        var status = statvfs()
        return statvfs(directory, &status) == 0 && status.f_files > 0 && status.f_favail == 0
    }

    /// Bytes that this user may still write; the largest number if that is unknown.
    static func freeSpace(in directory: String) -> Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return .max }
        let (bytes, isOver) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isOver ? .max : Int(clamping: bytes)
    }

    /// Whether two paths are on one file system, so that the second has no more room than the first.
    static func sharesDisk(_ first: String, _ second: String) -> Bool {
        var (one, other) = (stat(), stat())
        return stat(first, &one) == 0 && stat(second, &other) == 0 && one.st_dev == other.st_dev
    }

    /// What is wrong, to stand behind the directory.
    package var message: String {
        switch code {
        case EDQUOT: "the disk quota is used up"
        case EROFS: "the file system is read-only"
        case EFBIG: "a file reached this process's size limit (ulimit -f)"
        default: Self.lacksInodes(directory) ? "the file system has no free inodes" : "the disk is full"
        }
    }

    /// Kind `tryLater`.
    package func failure(_ role: Role) -> DeployError {
        let (name, other) =
            switch role {
            case .cache: ("the cache \(directory)", ", or use another cache: set cache = DIR in [spacesync]")
            case .temporary:
                ("the temporary directory \(directory)", ", or use another one: set TMPDIR=DIR")
            case .output: (directory, ", or write to another place")
            }
        return DeployError(
            .tryLater, "\(name) cannot be written: \(message)",
            hint: (code == EFBIG ? "raise the limit: ulimit -f unlimited" : "free space there") + other)
    }
}

extension DeployError {
    /// A temporary file or directory that cannot be made or written.
    /// - Parameter code: the system's error.
    init(temporary directory: String, _ code: Int32) {
        if let fault = DiskError(code, in: directory) {
            self = fault.failure(.temporary)
        } else {
            self.init(
                .internalError,
                "the temporary directory \(directory) cannot be written: \(String(cString: strerror(code)))",
                hint: "make it writable, or use another one: set TMPDIR=DIR")
        }
    }
}

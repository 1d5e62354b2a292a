internal import CGit2
import Essentials
import SpacesModel
import Synchronization

/// An error of a directory that cannot be written because of a full disk, a quota, a read-only file
/// system or a size limit.
package struct DiskError: Error, Hashable, Sendable {
    /// The directory's purpose, which determines the hint.
    package enum Role: Hashable, Sendable { case cache, temporary, output }

    package let directory: String
    /// `ENOSPC`, `EDQUOT`, `EROFS` or `EFBIG`.
    package let code: Int32

    /// `nil` if the error code has another cause.
    package init?(_ code: Int32, in directory: String) {
        guard [ENOSPC, EDQUOT, EROFS, EFBIG].contains(code) else { return nil }
        (self.directory, self.code) = (directory, code)
    }

    /// `nil` if a failed libgit2 call has another cause. libgit2 mostly, but not always, appends
    /// the system's error message.
    init?(_ error: GitError, in directory: String) {
        let codes = [ENOSPC, EDQUOT, EROFS, EFBIG]
        let match = codes.first { error.message.hasSuffix(String(cString: strerror($0))) }
        let isWrite = error.errorClass == Int32(GIT_ERROR_OS.rawValue) || error.message.contains("write")
        guard let code = match ?? (isWrite && !Self.hasFreeSpace(in: directory) ? ENOSPC : nil) else {
            return nil
        }
        self.init(code, in: directory)
    }

    /// Checks for a full file system before anything is written; `nil` if there is space or the
    /// check fails.
    package init?(ifFull directory: String) {
        guard !Self.hasFreeSpace(in: directory) else { return nil }
        self.init(ENOSPC, in: directory)
    }

    /// The free space in bytes below which a file system counts as full: the last blocks are needed
    /// for directory entries.
    private static let minFreeSpace = 64 << 10

    private static func hasFreeSpace(in directory: String) -> Bool {
        freeSpace(in: directory) >= minFreeSpace && !lacksInodes(directory)
    }

    private static func lacksInodes(_ directory: String) -> Bool {
        var status = statvfs()
        return statvfs(directory, &status) == 0 && status.f_files > 0 && status.f_favail == 0
    }

    /// Returns the bytes that this user may still write; `Int.max` if that is unknown.
    static func freeSpace(in directory: String) -> Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return .max }
        let (bytes, isOver) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isOver ? .max : Int(clamping: bytes)
    }

    /// Returns whether two paths are on the same file system, so that the second has no more space
    /// than the first.
    static func sharesDisk(_ first: String, _ second: String) -> Bool {
        var (firstStatus, secondStatus) = (stat(), stat())
        return stat(first, &firstStatus) == 0 && stat(second, &secondStatus) == 0
            && firstStatus.st_dev == secondStatus.st_dev
    }

    /// The description, phrased to follow the directory's name.
    package var message: String {
        switch code {
        case EDQUOT: "the disk quota is used up"
        case EROFS: "the file system is read-only"
        case EFBIG: "a file reached this process's size limit (ulimit -f)"
        default: Self.lacksInodes(directory) ? "the file system has no free inodes" : "the disk is full"
        }
    }

    /// Returns the error with kind `tryLater`.
    package func failure(_ role: Role) -> DeployError {
        let (name, alternative) =
            switch role {
            case .cache: ("the cache \(directory)", ", or use another cache: set cache = DIR in [spacesync]")
            case .temporary:
                ("the temporary directory \(directory)", ", or use another one: set TMPDIR=DIR")
            case .output: (directory, ", or write to another directory")
            }
        return DeployError(
            .tryLater, "\(name) cannot be written: \(message)",
            hint: (code == EFBIG ? "raise the limit: ulimit -f unlimited" : "free space there") + alternative)
    }

    /// Returns the error for a temporary file or directory that cannot be created or written.
    /// - Parameter code: the `errno` value.
    static func temporaryFailure(in directory: String, _ code: Int32) -> DeployError {
        if let diskError = DiskError(code, in: directory) { return diskError.failure(.temporary) }
        return DeployError(
            .internalError,
            "the temporary directory \(directory) cannot be written: \(String(cString: strerror(code)))",
            hint: "make it writable, or use another one: set TMPDIR=DIR")
    }
}

/// A temporary store that takes the new packs of a full cache.
final class OverflowStore {
    let store: Store
    let path: String
    let directory: String
    private let storeDirectory: StoreDirectory
    private let replaced: String

    /// - Parameter replaced: the object directory in the full cache.
    init(_ store: consuming Store, at storeDirectory: consuming StoreDirectory, for replaced: String) {
        (path, directory, self.replaced) = (storeDirectory.path, storeDirectory.directory, replaced)
        self.store = store
        self.storeDirectory = storeDirectory
        FullCaches.add(overflow: path + "/objects", for: replaced)
    }

    deinit { FullCaches.remove(overflow: path + "/objects", for: replaced) }
}

/// The process-wide list of caches that were found full, so that each is reported only once.
package enum FullCaches {
    private static let recorded = Mutex<[DiskError]>([])
    /// Temporary object directories, by the full cache's object directory that they extend. Stores
    /// that read from a cache directory look here for its newer objects.
    private static let overflowDirectories = Mutex<[String: [String]]>([:])

    static var hasOverflow: Bool { overflowDirectories.withLock { !$0.isEmpty } }
    static func overflowDirectories(of directory: String) -> [String] {
        overflowDirectories.withLock { $0[directory] ?? [] }
    }
    static func add(overflow: String, for directory: String) {
        overflowDirectories.withLock { $0[directory, default: []].append(overflow) }
    }
    static func remove(overflow: String, for directory: String) {
        overflowDirectories.withLock { $0[directory]?.removeAll { $0 == overflow } }
    }

    static func record(_ error: DiskError) {
        recorded.withLock { recorded in
            if !recorded.contains(error) { recorded.append(error) }
        }
    }

    /// Returns the errors that were recorded since the last call.
    package static func drain() -> [DiskError] {
        recorded.withLock { recorded in
            defer { recorded = [] }
            return recorded
        }
    }
}

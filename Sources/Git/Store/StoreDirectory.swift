import Essentials
import SpacesModel

/// The directory of one store, with a lock file next to it. A shared `flock`, held as long as the
/// store is used, prevents other processes from repacking or recreating it. The system releases the
/// lock when a process dies.
struct StoreDirectory: ~Copyable {
    /// The path of the bare repository.
    let path: String
    private let lock: Int32
    let isTemporary: Bool
    /// The directory to name if the store cannot be written: the cache or the directory for
    /// temporary files.
    var directory: String {
        let parent = path.deletingLastPathComponent
        return isTemporary ? parent.deletingLastPathComponent : parent
    }

    /// Claims a store of a cache. Repacks it if that is due and no other process is using it.
    /// Returns a temporary store if the cache cannot be written.
    static func claim(_ name: String, in cache: Cache) throws(DeployError) -> StoreDirectory {
        guard (try? makePrivate(cache.path)) != nil, let storeDirectory = StoreDirectory(name, in: cache),
            storeDirectory.lockShared(), storeDirectory.isWritable
        else { return try temporary() }
        // Records the time of the last use.
        futimens(storeDirectory.lock, nil)
        if TemporaryStores.hasParts(in: storeDirectory.path) {
            _ = storeDirectory.withExclusiveLock {
                TemporaryStores.removeParts(in: storeDirectory.path)
                return true
            }
            guard storeDirectory.lockShared() else { return try temporary() }
        }
        let policy = RepackPolicy(of: storeDirectory.path)
        if policy == .none { return storeDirectory }
        if storeDirectory.withExclusiveLock({ storeDirectory.repack() }) {
            cache.pruneIfDue()
        } else if policy == .urgent {
            return try temporary()
        }
        return storeDirectory.lockShared() ? storeDirectory : try temporary()
    }

    static func temporary() throws(DeployError) -> StoreDirectory {
        var folder = try TemporaryDirectory()
        let (path, lock) = folder.release()
        return StoreDirectory(path: path + "/store", lock: lock, isTemporary: true)
    }

    private init?(_ name: String, in cache: Cache) {
        guard access(cache.path, W_OK) == 0 else { return nil }
        let lock = PlainFile.open(cache.path + "/\(name).lock", O_RDWR | O_CREAT)
        guard lock >= 0 else { return nil }
        PlainFile.removeLink(cache.path + "/\(name)")
        self.init(path: cache.path + "/\(name)", lock: lock, isTemporary: false)
    }

    private init(path: String, lock: Int32, isTemporary: Bool) {
        (self.path, self.lock, self.isTemporary) = (path, lock, isTemporary)
    }

    deinit {
        if lock >= 0 { close(lock) }
        if isTemporary {
            try? FileManager.default.removeItem(atPath: path.deletingLastPathComponent)
        }
    }

    /// Removes a store of a cache with its temporary files; returns false if a process is using it.
    static func clear(_ name: String, in cache: Cache) -> Bool {
        guard let storeDirectory = StoreDirectory(name, in: cache) else { return false }
        return storeDirectory.withExclusiveLock { storeDirectory.remove() }
    }

    /// Removes temporary files that crashed processes left while creating, repacking or removing a
    /// store.
    static func sweep(_ name: String, in cache: Cache) {
        guard let storeDirectory = StoreDirectory(name, in: cache) else { return }
        _ = storeDirectory.withExclusiveLock {
            TemporaryStores.removeAll(of: storeDirectory.path)
            return true
        }
    }

    /// Removes the store's content unless another process is using it.
    /// - Returns: whether it was removed.
    @discardableResult func clear() -> Bool {
        let isRemoved = withExclusiveLock { remove() }
        return lockShared() && isRemoved
    }

    /// Acquires the shared lock. Waits up to 60 seconds for processes that repack or recreate the
    /// store.
    private func lockShared() -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while lock >= 0, flock(lock, LOCK_SH | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, .now < end else { return false }
            usleep(5_000)
        }
        return true
    }

    /// Runs work that requires that no other process uses the store. The caller must acquire the
    /// shared lock again in every case: the system releases a lock before it converts it.
    private func withExclusiveLock(_ work: () -> Bool) -> Bool {
        for attempt in 1...25 where lock >= 0 {
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { break }
            // A forked child of another process holds that process's locks until it calls exec.
            guard attempt < 25 else { return false }
            usleep(10_000)
        }
        return work()
    }

    /// Removes the store. The next access fetches again.
    private func remove() -> Bool {
        // Renamed first, so that a partly removed store is never opened.
        let oldPath = TemporaryStores.oldPath(of: path)
        try? FileManager.default.removeItem(atPath: oldPath)
        guard rename(path, oldPath) == 0 || errno == ENOENT else { return false }
        try? FileManager.default.removeItem(atPath: oldPath)
        TemporaryStores.removeAll(of: path)
        return true
    }

    /// Repacks the store unless another process has done so in the meantime. If that fails, the
    /// store is damaged or from a version without references, and is removed.
    private func repack() -> Bool {
        guard RepackPolicy(of: path) != .none else { return true }
        TemporaryStores.removeAll(of: path)
        do {
            try StoreRepack.run(in: path)
            return true
        } catch {
            // A full disk does not mean that the store is damaged: keep it.
            guard DiskError(ifFull: directory) == nil,
                (error as? GitError).flatMap({ DiskError($0, in: directory) }) == nil
            else { return false }
            return remove()
        }
    }

    /// False for a store that another user created.
    private var isWritable: Bool {
        let packs = path + "/objects/pack"
        return access(packs, W_OK) == 0 || access(packs, F_OK) != 0
    }

    private static func makePrivate(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}

import Essentials
import SpacesModel

/// The directory of one store. A shared `flock` beside it, held as long as it is used, keeps other processes from
/// folding it or starting it over meanwhile; the system takes it back when a process dies.
struct StoreDirectory: ~Copyable {
    /// The bare repository.
    let path: String
    private let lock: Int32
    let isTemporary: Bool
    /// The directory that is full when this place cannot be written: of the cache, or for temporary files.
    var directory: String {
        let parent = path.deletingLastPathComponent
        return isTemporary ? parent.deletingLastPathComponent : parent
    }

    /// The place of this name in a cache, folded where it is due and nobody else is using it, or a temporary one when
    /// the cache cannot be written.
    static func claim(_ name: String, in cache: Cache) throws(DeployError) -> StoreDirectory {
        guard (try? makePrivate(cache.path)) != nil, let place = StoreDirectory(name, in: cache),
            place.lockShared(), place.isWritable
        else { return try temporary() }
        // Tells when it was used last.
        futimens(place.lock, nil)
        if TemporaryStores.hasParts(in: place.path) {
            _ = place.withExclusiveLock {
                TemporaryStores.removeParts(in: place.path)
                return true
            }
            guard place.lockShared() else { return try temporary() }
        }
        let need = RepackPolicy(of: place.path)
        if need == .none { return place }
        if place.withExclusiveLock({ place.repack() }) {
            cache.pruneIfDue()
        } else if need == .urgent {
            return try temporary()
        }
        return place.lockShared() ? place : try temporary()
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

    /// Removes a store of a cache, and what is left of it besides; false where a process is using it.
    static func clear(_ name: String, in cache: Cache) -> Bool {
        guard let place = StoreDirectory(name, in: cache) else { return false }
        return place.withExclusiveLock { place.remove() }
    }

    /// Removes what processes left that died while they made, folded or removed a store.
    static func sweep(_ name: String, in cache: Cache) {
        guard let place = StoreDirectory(name, in: cache) else { return }
        _ = place.withExclusiveLock {
            TemporaryStores.removeAll(of: place.path)
            return true
        }
    }

    /// Removes what is stored, unless another process is using it.
    /// - Returns: whether it was removed.
    @discardableResult func clear() -> Bool {
        let isRemoved = withExclusiveLock { remove() }
        return lockShared() && isRemoved
    }

    /// Waits for those who fold it or start it over, but not for ever.
    private func lockShared() -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while lock >= 0, flock(lock, LOCK_SH | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, .now < end else { return false }
            usleep(5_000)
        }
        return true
    }

    /// Does what needs that no other process is using the store. Whether it was done or not, the lock must be shared
    /// again: the system lets go of one before it gives the other.
    private func withExclusiveLock(_ work: () -> Bool) -> Bool {
        for attempt in 1...25 where lock >= 0 {
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { break }
            // A child of some process holds all of its locks until it runs its program.
            guard attempt < 25 else { return false }
            usleep(10_000)
        }
        return work()
    }

    /// Removes the store, and puts another in its place. Between the two there is none, which costs a fetch, no more.
    private func remove(puttingThere successor: String? = nil) -> Bool {
        // Renamed first: what is half removed must not read as a store.
        let old = TemporaryStores.oldPath(of: path)
        try? FileManager.default.removeItem(atPath: old)
        guard rename(path, old) == 0 || errno == ENOENT else { return false }
        let isThere = successor.map { rename($0, path) == 0 } ?? true
        try? FileManager.default.removeItem(atPath: old)
        TemporaryStores.removeAll(of: path)
        return isThere
    }

    /// Another process may have done it meanwhile. A store that cannot be folded is damaged, or from before there were
    /// references: it is started over.
    private func repack() -> Bool {
        guard RepackPolicy(of: path) != .none else { return true }
        do { return remove(puttingThere: try StoreRepack.repack(path)) } catch {
            // A full disk does not make the store bad: it is kept as it is.
            guard DiskError(ifFull: directory) == nil,
                (error as? GitError).flatMap({ DiskError($0, in: directory) }) == nil
            else { return false }
            return remove()
        }
    }

    /// False for a store that another user made.
    private var isWritable: Bool {
        let packs = path + "/objects/pack"
        return access(packs, W_OK) == 0 || access(packs, F_OK) != 0
    }

    private static func makePrivate(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}

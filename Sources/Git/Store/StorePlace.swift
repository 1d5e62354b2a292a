import Deploy
import Foundation

/// The directory of one store. A shared `flock` beside it, held as long as it is used, keeps other processes from
/// starting it over meanwhile; the system takes it back when a process dies.
struct StorePlace: ~Copyable {
    /// The bare repository.
    let path: String
    private let lock: Int32
    private let isTemporary: Bool

    /// More packs than this make every look-up slow: the store is started over. It costs one fetch of trees.
    static let packLimit = 20

    /// The place of this name in a cache, or a temporary one when the cache cannot be written.
    static func claim(_ name: String, in cache: Cache) throws(Failure) -> StorePlace {
        guard let place = StorePlace(name, in: cache) else { return try temporary() }
        if place.packCount > packLimit { place.clear() }
        return place.isWritable ? place : try temporary()
    }

    static func temporary() throws(Failure) -> StorePlace {
        var folder = try PrivateFolder()
        return StorePlace(path: folder.keep() + "/store", lock: -1, isTemporary: true)
    }

    private init?(_ name: String, in cache: Cache) {
        guard (try? Self.makePrivate(cache.path)) != nil, access(cache.path, W_OK) == 0 else { return nil }
        let lock = open(cache.path + "/\(name).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { return nil }
        guard flock(lock, LOCK_SH) == 0 else {
            close(lock)
            return nil
        }
        // Tells when it was used last.
        futimens(lock, nil)
        self.init(path: cache.path + "/\(name)", lock: lock, isTemporary: false)
    }

    private init(path: String, lock: Int32, isTemporary: Bool) {
        (self.path, self.lock, self.isTemporary) = (path, lock, isTemporary)
    }

    deinit {
        if lock >= 0 { close(lock) }
        if isTemporary {
            try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent)
        }
    }

    /// Removes a store of a cache; false where a process is using it.
    static func clear(_ name: String, in cache: Cache) -> Bool {
        StorePlace(name, in: cache)?.clear() ?? false
    }

    /// Removes what is stored, unless another process is using it.
    /// - Returns: whether it was removed.
    @discardableResult func clear() -> Bool {
        guard lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            _ = flock(lock, LOCK_SH)
            return false
        }
        defer { if lock >= 0 { _ = flock(lock, LOCK_SH) } }
        // Renamed first: what is half removed must not read as a store.
        let old = path + ".old-\(getpid())"
        try? FileManager.default.removeItem(atPath: old)
        guard rename(path, old) == 0 || errno == ENOENT else { return false }
        try? FileManager.default.removeItem(atPath: old)
        return true
    }

    /// False for a store that another user made.
    private var isWritable: Bool {
        let packs = path + "/objects/pack"
        return access(packs, W_OK) == 0 || access(packs, F_OK) != 0
    }

    private var packCount: Int {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path + "/objects/pack")
        return (names ?? []).count { !$0.hasSuffix(".idx") }
    }

    private static func makePrivate(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}

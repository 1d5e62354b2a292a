internal import CGit2
import Essentials
import SpacesModel

/// An open bare repository of the cache. The sources' objects are added as alternates, and written
/// objects stay in memory (libgit2's mempack backend with the highest priority).
struct Store: ~Copyable {
    let repository: Handle<RepositoryKind>
    let database: ODB
    let path: String

    /// Opens the repository at a path; creates it if it does not exist.
    static func open(at path: String, joining sources: [AlternateObjects]) throws(GitError) -> Store {
        try Library.ensureInitialized()
        if !FileManager.default.fileExists(atPath: path) { try make(at: path) }
        let repository = try Handle<RepositoryKind>("git_repository_open_bare") {
            git_repository_open_bare(&$0, path)
        }
        let database = try ODB(of: repository)
        try database.writeToMemory()
        for directory in sources.flatMap(\.directories) { try database.addAlternate(directory) }
        return Store(repository: repository, database: database, path: path)
    }

    private init(repository: consuming Handle<RepositoryKind>, database: consuming ODB, path: String) {
        self.repository = repository
        self.database = database
        self.path = path
    }

    /// Creates the store under a temporary name and renames it, so that it is never visible in
    /// part, even if several processes create it.
    private static func make(at path: String) throws(GitError) {
        let temporaryPath = TemporaryStores.newPath(of: path)
        defer { try? FileManager.default.removeItem(atPath: temporaryPath) }
        try create(at: temporaryPath)
        guard rename(temporaryPath, path) == 0 || FileManager.default.fileExists(atPath: path) else {
            throw GitError(call: "rename", code: -1, message: String(cString: strerror(errno)))
        }
    }

    /// Creates an empty bare repository.
    private static func create(at path: String) throws(GitError) {
        var options = spacesync_git_init_options()
        options.flags = GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
        options.mode = 0o700
        _ = try Handle<RepositoryKind>("git_repository_init_ext") {
            git_repository_init_ext(&$0, path, &options)
        }
    }
}

extension ODB {
    /// Keeps written objects in memory instead of on disk.
    func writeToMemory() throws(GitError) {
        var memory: UnsafeMutablePointer<git_odb_backend>?
        try check("git_mempack_new", git_mempack_new(&memory))
        try check("git_odb_add_backend", git_odb_add_backend(handle.raw, memory, 999))
    }

    /// Returns the id that these bytes would have as a blob.
    static func hash(_ bytes: [UInt8]) -> ObjectID {
        _ = try? Library.ensureInitialized()
        var id = git_oid()
        _ = bytes.withUnsafeBytes { git_odb_hash(&id, $0.baseAddress, $0.count, GIT_OBJECT_BLOB) }
        return ObjectID(&id) ?? .zero
    }
}

extension Store {
    /// Returns all references with the objects they point to.
    func references() throws(GitError) -> [String: ObjectID] {
        var list = git_strarray()
        try check("git_reference_list", git_reference_list(&list, repository.raw))
        defer { git_strarray_dispose(&list) }
        var references: [String: ObjectID] = [:]
        for index in 0..<list.count {
            guard let text = list.strings[index] else { continue }
            var id = git_oid()
            guard git_reference_name_to_id(&id, repository.raw, text) == 0 else { continue }
            references[String(cString: text)] = ObjectID(&id)
        }
        return references
    }
}

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

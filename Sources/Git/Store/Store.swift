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

    /// Turns off libgit2's delta search, which takes minutes although a deploy has few similar
    /// objects. There is no setting for that, but with a window memory of 1 byte no object is kept
    /// for comparison.
    private static func avoidDeltas(in repository: borrowing Handle<RepositoryKind>) throws(GitError) {
        let raw = repository.raw
        let config = try Handle<ConfigKind>("git_repository_config") { git_repository_config(&$0, raw) }
        try check("git_config_set_int64", git_config_set_int64(config.raw, "pack.windowMemory", 1))
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
    static func create(at path: String) throws(GitError) {
        var options = spacesync_git_init_options()
        options.flags = GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
        options.mode = 0o700
        let repository = try Handle<RepositoryKind>("git_repository_init_ext") {
            git_repository_init_ext(&$0, path, &options)
        }
        try avoidDeltas(in: repository)
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

    /// Writes all references of a new store at once, into `packed-refs`.
    func write(_ references: [String: ObjectID]) throws {
        let lines = references.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
        let file = path + "/packed-refs"
        let descriptor = Essentials.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let isWritten = Array(lines.joined().utf8).withUnsafeBytes { $0.writeAll(to: descriptor) }
        let isSynced = isWritten && fsync(descriptor) == 0
        guard close(descriptor) == 0, isSynced else { throw CocoaError(.fileWriteUnknown) }
    }
}

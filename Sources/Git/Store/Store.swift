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

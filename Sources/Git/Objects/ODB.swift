internal import CGit2
import SpacesModel
import TextTools

/// An object database, by id: raw objects in and out.
struct ODB: ~Copyable {
    let handle: Handle<DatabaseKind>

    init(of repository: borrowing Handle<RepositoryKind>) throws(GitError) {
        let raw = repository.raw
        handle = try Handle("git_repository_odb") { git_repository_odb(&$0, raw) }
    }

    /// Reads through another object directory as well, as `objects/info/alternates` would, in memory alone.
    func addAlternate(_ directory: String) throws(GitError) {
        try check("git_odb_add_disk_alternate", git_odb_add_disk_alternate(handle.raw, directory))
    }

    /// An object with its type; its content is checked against its name.
    func read(_ id: ObjectID) throws(GitError) -> RawObject {
        let object = try borrow(id)
        return RawObject(type: object.type, bytes: Array(object.bytes))
    }

    /// The same without a copy.
    /// - Throws: also for a tree, commit or tag beyond its limit, which is not read then. Blobs have the limits of
    ///   their readers.
    func borrow(_ id: ObjectID) throws(GitError) -> BorrowedObject {
        let header = try header(of: id)
        if let excess = ObjectLimit.violation(header.type, size: header.size) {
            throw GitError(call: "git_odb_read", code: -1, message: "\(id) is \(excess)")
        }
        var name = id.git
        let raw = handle.raw
        return BorrowedObject(try Handle("git_odb_read") { git_odb_read(&$0, raw, &name) })
    }

    /// An object's size in bytes, from its header alone.
    func size(of id: ObjectID) throws(GitError) -> Int { try header(of: id).size }

    func header(of id: ObjectID) throws(GitError) -> (type: ObjectType, size: Int) {
        var (name, length, type) = (id.git, 0, GIT_OBJECT_INVALID)
        try check("git_odb_read_header", git_odb_read_header(&length, &type, handle.raw, &name))
        return (ObjectType(type), length)
    }

    /// Whether the object is here, without looking for packs that came since `refresh`.
    func contains(_ id: ObjectID) -> Bool {
        var name = id.git
        return git_odb_exists_ext(handle.raw, &name, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
    }

    /// Looks for packs that were added since.
    func refresh() { _ = git_odb_refresh(handle.raw) }

    /// Writes an object to where the database writes first.
    func write(_ object: RawObject) throws(GitError) -> ObjectID {
        var id = git_oid()
        let (raw, type) = (handle.raw, object.type.git)
        let status = object.bytes.withUnsafeBytes { git_odb_write(&id, raw, $0.baseAddress, $0.count, type) }
        try check("git_odb_write", status)
        guard let written = ObjectID(&id) else {
            throw GitError(call: "git_odb_write", code: -1, message: "no name came back")
        }
        return written
    }
}

/// An object in libgit2's own memory.
struct BorrowedObject: ~Copyable {
    private let object: Handle<DatabaseObjectKind>

    fileprivate init(_ object: consuming Handle<DatabaseObjectKind>) { self.object = object }

    var type: ObjectType { ObjectType(git_odb_object_type(object.raw)) }

    /// Valid as long as the object is held.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: git_odb_object_data(object.raw), count: git_odb_object_size(object.raw))
    }
}

/// An object as it is stored, without its header.
struct RawObject: Hashable, Sendable {
    var type: ObjectType
    var bytes: [UInt8]
}

/// Bytes of objects that are read as a whole, whoever made them. A few hundred megabytes of one byte are one when they
/// are compressed.
enum ObjectLimit {
    /// One directory, without those in it: 300,000 entries with names of 30 bytes.
    static let tree = 16 << 20
    /// Commits and annotated tags; those of real ones with long messages and signatures are far below.
    static let commit = 4 << 20
    /// An object that is made from a difference, or the base of one. Git makes none for larger files
    /// (`core.bigFileThreshold`).
    static let delta = 512 << 20

    /// What an object is beyond its limit; nil if it is within.
    static func violation(_ type: ObjectType, size: Int) -> String? {
        let (name, limit) =
            switch type {
            case .tree: ("tree", tree)
            case .commit: ("commit", commit)
            case .tag: ("tag", commit)
            case .blob, .unknown: ("", Int.max)
            }
        guard size > limit else { return nil }
        return "a \(name) of \(size.asSize); at most \(limit >> 20) MiB of one are read"
    }
}

/// The four sorts of objects, and whatever else a damaged database may claim.
enum ObjectType: Hashable, Sendable {
    case commit, tree, blob, tag, unknown

    init(_ type: git_object_t) {
        switch type {
        case GIT_OBJECT_COMMIT: self = .commit
        case GIT_OBJECT_TREE: self = .tree
        case GIT_OBJECT_BLOB: self = .blob
        case GIT_OBJECT_TAG: self = .tag
        default: self = .unknown
        }
    }

    var git: git_object_t {
        switch self {
        case .commit: GIT_OBJECT_COMMIT
        case .tree: GIT_OBJECT_TREE
        case .blob: GIT_OBJECT_BLOB
        case .tag: GIT_OBJECT_TAG
        case .unknown: GIT_OBJECT_INVALID
        }
    }
}

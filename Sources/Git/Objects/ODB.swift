internal import CGit2
import SpacesModel
import TextTools

/// A Git object database: reads and writes raw objects by id.
struct ODB: ~Copyable {
    let handle: Handle<DatabaseKind>

    init(of repository: borrowing Handle<RepositoryKind>) throws(GitError) {
        let raw = repository.raw
        handle = try Handle("git_repository_odb") { git_repository_odb(&$0, raw) }
    }

    /// Adds another object directory to read from, like `objects/info/alternates` but in memory
    /// only.
    func addAlternate(_ directory: String) throws(GitError) {
        try check("git_odb_add_disk_alternate", git_odb_add_disk_alternate(handle.raw, directory))
    }

    /// Returns an object with its type. libgit2 verifies its content against its id.
    func read(_ id: ObjectID) throws(GitError) -> RawObject {
        let object = try borrow(id)
        return RawObject(type: object.type, bytes: Array(object.bytes))
    }

    /// Returns an object in libgit2's memory, without a copy.
    /// - Parameter type: the expected type; `nil` for any.
    /// - Throws: libgit2's error, or an error if the type is another one, or if a tree, commit or
    ///   tag exceeds its size limit; it is not read then. Blobs are limited by their readers.
    func borrow(_ id: ObjectID, as type: ObjectType? = nil) throws(GitError) -> BorrowedObject {
        let header = try header(of: id)
        if let excess = ObjectLimit.violation(header.type, size: header.size) {
            throw GitError(call: "git_odb_read", code: -1, message: "\(id) is \(excess)")
        }
        var oid = id.git
        let raw = handle.raw
        let object = BorrowedObject(try Handle("git_odb_read") { git_odb_read(&$0, raw, &oid) })
        if let type, object.type != type {
            throw GitError(call: "\(type)", code: -1, message: "object \(id) is not a \(type)")
        }
        return object
    }

    /// Returns an object's size in bytes, from its header.
    func size(of id: ObjectID) throws(GitError) -> Int { try header(of: id).size }

    func header(of id: ObjectID) throws(GitError) -> (type: ObjectType, size: Int) {
        var (oid, length, type) = (id.git, 0, GIT_OBJECT_INVALID)
        try check("git_odb_read_header", git_odb_read_header(&length, &type, handle.raw, &oid))
        return (ObjectType(type), length)
    }

    /// Returns whether the database has the object. Packs that were added after the last
    /// `refresh()` are not considered.
    func contains(_ id: ObjectID) -> Bool {
        var oid = id.git
        return git_odb_exists_ext(handle.raw, &oid, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
    }

    /// Looks for packs that were added since the last call.
    func refresh() { _ = git_odb_refresh(handle.raw) }

    /// Writes an object to the database's first writable backend and returns its id.
    func write(_ object: RawObject) throws(GitError) -> ObjectID {
        var id = git_oid()
        let (raw, type) = (handle.raw, object.type.git)
        let status = object.bytes.withUnsafeBytes { git_odb_write(&id, raw, $0.baseAddress, $0.count, type) }
        try check("git_odb_write", status)
        guard let written = ObjectID(&id) else {
            throw GitError(call: "git_odb_write", code: -1, message: "no id was returned")
        }
        return written
    }
}

/// An object in libgit2's memory, freed when this value goes out of scope.
struct BorrowedObject: ~Copyable {
    private let object: Handle<DatabaseObjectKind>

    fileprivate init(_ object: consuming Handle<DatabaseObjectKind>) { self.object = object }

    var type: ObjectType { ObjectType(git_odb_object_type(object.raw)) }

    /// The content, valid as long as this value exists.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: git_odb_object_data(object.raw), count: git_odb_object_size(object.raw))
    }
}

/// The type and content of an object, without the header of its stored form.
struct RawObject: Hashable, Sendable {
    var type: ObjectType
    var bytes: [UInt8]
}

/// Size limits, in bytes, of objects that are read into memory as a whole. They protect against
/// decompression bombs: hundreds of megabytes of one repeated byte compress to almost nothing.
enum ObjectLimit {
    /// The limit of one tree without its subtrees: 300,000 entries with names of 30 bytes.
    static let tree = 16 << 20
    /// The limit of commits and annotated tags. Real ones with long messages and signatures are far
    /// smaller.
    static let commit = 4 << 20
    /// The limit of an object that is stored as a delta, or of its base. Git creates no deltas for
    /// larger files (`core.bigFileThreshold`).
    static let delta = 512 << 20

    /// Returns the description of an object that exceeds its limit; `nil` if it is within the
    /// limit.
    static func violation(_ type: ObjectType, size: Int) -> String? {
        let (name, limit) =
            switch type {
            case .tree: ("tree", tree)
            case .commit: ("commit", commit)
            case .tag: ("tag", commit)
            case .blob, .unknown: ("", Int.max)
            }
        guard size > limit else { return nil }
        return "a \(name) of \(size.asSize); the limit is \(limit >> 20) MiB"
    }
}

/// The four types of Git objects, and `unknown` for other values in a damaged database.
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

extension ODB {
    func entries(of tree: ObjectID) throws(GitError) -> [TreeEntry] {
        let object = try borrow(tree, as: .tree)
        return try TreeCodec.read(Array(object.bytes), of: tree).entries
    }

    func commit(_ id: ObjectID) throws(GitError) -> Commit {
        let object = try read(id)
        guard object.type == .commit, let commit = CommitCodec.commit(id, in: object.bytes) else {
            throw GitError(call: "commit", code: -1, message: "object \(id) is not a commit")
        }
        return commit
    }

    /// Returns the id of the commit that a tag points to, or of the commit itself. Does not use
    /// libgit2's peeling, which parses the commit and rejects unusual times or authors.
    func commit(behind id: ObjectID) throws(GitError) -> ObjectID {
        var id = id
        // A limit for tags that point to tags, which are rare.
        for _ in 0..<20 {
            switch try header(of: id).type {
            case .commit: return id
            case .tag: id = try target(ofTag: id)
            default: throw Self.noCommit(id)
            }
        }
        throw Self.noCommit(id)
    }

    private func target(ofTag id: ObjectID) throws(GitError) -> ObjectID {
        let line = try read(id).bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard line.starts(with: "object ".utf8),
            let target = ObjectID(String(decoding: line.dropFirst(7), as: UTF8.self))
        else { throw Self.noCommit(id) }
        return target
    }

    private static func noCommit(_ id: ObjectID) -> GitError {
        GitError(
            call: "commit", code: GIT_EINVALIDSPEC.rawValue, message: "object \(id) does not lead to a commit"
        )
    }

    /// Returns the id of the only object whose id starts with the given hexadecimal digits.
    func identified(by prefix: inout git_oid, length: Int) throws(GitError) -> ObjectID? {
        var id = git_oid()
        try check("git_odb_exists_prefix", git_odb_exists_prefix(&id, handle.raw, &prefix, length))
        return ObjectID(&id)
    }
}

internal import CGit2
import Essentials
import HTTP
import SpacesModel

/// The packs that a deploy writes and reads:
///
/// - A push: `PackWriter` writes objects in full, as deltas to objects that the server has (`Delta`),
///   or as they are in a pack of the source (`PackReuse`). libgit2's packbuilder would create no
///   deltas to the server's objects.
/// - A push with history: libgit2's packbuilder, which searches for deltas among versions of a file.
/// - The pushed commit, for the next deploy, and a repack (`StoreRepack`): `PackWriter` writes into a
///   `StoredPack`.
/// - A fetch: the server's pack, indexed while it arrives (`PackIndexer`).
extension ObjectStore {
    /// Writes the body of a push: a command and one pack with exactly these objects.
    /// - Parameters:
    ///   - pipe: the connection, into which the body is written with backpressure: this blocks the
    ///     store until it is written. `nil` keeps the body in memory.
    ///   - isThin: whether objects may be sent as deltas to a base that the server has.
    /// - Returns: the body in memory, `nil` if it is too large, and the trees among the objects,
    ///   except for those whose packed form was copied from other packs.
    func pack(
        _ objects: [PackObject], after command: Data, into pipe: BodyPipe?, isThin: Bool
    ) throws(DeployError) -> (bytes: Data?, trees: [ObjectID]) {
        var (body, trees): (Data, [ObjectID]) = (command, [])
        do {
            var writer = try PackWriter(count: objects.count) { bytes in
                body.append(contentsOf: bytes)
                guard let pipe else { return try SentPack.checkSize(of: body) }
                guard body.count >= SentPack.pieceSize else { return }
                try pipe.writeBlocking(body)
                body.removeAll(keepingCapacity: true)
            }
            let reuse = PackReuse(from: directories, sending: objects.map(\.id))
            for object in objects {
                let base = isThin ? object.base.flatMap { contains($0) ? $0 : nil } : nil
                // Cached trees are excluded: they are small, and their ids must be returned.
                if base == nil, treeCache[object.id] == nil, let entry = reuse.entry(object.id) {
                    try writer.add(entry)
                    continue
                }
                let content = try store.database.borrow(object.id)
                if content.type == .tree { trees.append(object.id) }
                if let base, let delta = try delta(of: content, over: base) {
                    try writer.add(delta: delta, over: base)
                } else {
                    try writer.add(content.type, content.bytes)
                }
            }
            try writer.finish()
            try pipe?.writeBlocking(body)
            return (pipe == nil ? body : nil, trees)
        } catch is SentPack.TooLarge { return (nil, []) } catch { throw Self.packingError(error) }
    }

    /// Returns the delta to the base; `nil` if it is not worthwhile. Text must become four times
    /// smaller, as it compresses well itself; tree entries hardly compress.
    private func delta(of object: borrowing BorrowedObject, over base: ObjectID) throws -> [UInt8]? {
        let divisor = object.type == .tree ? 1 : 4
        guard object.bytes.count >= Self.minDeltaSize, let baseObject = try? store.database.borrow(base),
            baseObject.type == object.type
        else { return nil }
        return Delta.bytes(from: baseObject.bytes, to: object.bytes, limit: object.bytes.count / divisor - 20)
    }

    /// The minimum size in bytes of an object to send as a delta: the base's id alone takes 20
    /// bytes.
    private static let minDeltaSize = 100

    private static func packingError(_ error: any Error) -> DeployError {
        if let failure = error as? DeployError { return failure }
        let detail = (error as? GitError)?.message ?? "\(error)"
        return DeployError(.internalError, "the pack cannot be created", details: [detail])
    }

    /// Stores the objects of a pushed commit that the next deploy needs: the commit, its trees,
    /// README.md and .gitattributes. Other blobs can be fetched from the Space. Errors are ignored,
    /// as they only cost a fetch.
    func cachePushedCommit(_ commit: ObjectID, _ trees: [ObjectID]) {
        do {
            let ids = Set([commit] + trees + ((try? smallFiles(of: commit)) ?? []))
            let output = try StoredPack(into: store.database, at: storeDirectory.directory)
            var writer = try PackWriter(count: ids.count) { try output.write($0) }
            for id in ids {
                let object = try store.database.borrow(id)
                try writer.add(object.type, object.bytes)
            }
            try writer.finish()
            try output.commit()
        } catch { return }
        store.database.refresh()
        rememberTip(commit)
    }

    private func smallFiles(of commit: ObjectID) throws(GitError) -> [ObjectID] {
        let names: Set<Path> = ["README.md", ".gitattributes"]
        let entries = try store.database.entries(of: try store.database.commit(commit).tree)
        return entries.filter { names.contains($0.name) && $0.kind.isBlob }.map(\.id).filter { id in
            ((try? store.database.size(of: id)) ?? .max) <= 1 << 20
        }
    }

    /// Returns the body of a push: a command and one pack that stores versions of one file as
    /// deltas. libgit2 looks for delta bases among objects with the same path first.
    func deltaPack(of objects: [PackObject], after command: Data) throws(DeployError)
        -> HTTPClientRequest.Body
    {
        do {
            let spool = SpooledBody(command)
            let repository = try packingRepository()
            let raw = repository.raw
            let builder = try Handle<PackBuilderKind>("git_packbuilder_new") { git_packbuilder_new(&$0, raw) }
            for object in objects {
                var id = object.id.git
                try check(
                    "git_packbuilder_insert",
                    git_packbuilder_insert(builder.raw, &id, object.path?.description))
            }
            // The body is passed unretained, for the duration of the call, and the packbuilder refers to
            // its repository without owning it.
            let status = withExtendedLifetime(repository) {
                withExtendedLifetime(spool) {
                    git_packbuilder_foreach(
                        builder.raw, appendPackData, Unmanaged.passUnretained(spool).toOpaque())
                }
            }
            try check("git_packbuilder_foreach", status)
            return try spool.body()
        } catch { throw Self.packingError(error) }
    }

    /// Returns a separate libgit2 repository on the store's object database. It lacks the store's
    /// settings: those of earlier versions keep libgit2 from creating deltas.
    private func packingRepository() throws(GitError) -> Handle<RepositoryKind> {
        let objects = store.database.handle.raw
        let repository = try Handle<RepositoryKind>("git_repository_wrap_odb") {
            git_repository_wrap_odb(&$0, objects)
        }
        let config = try Handle<ConfigKind>("git_config_new") { git_config_new(&$0) }
        try check("git_repository_set_config", git_repository_set_config(repository.raw, config.raw))
        return repository
    }

    /// Starts writing a new pack.
    func makePackIndexer() throws(SmartHTTPRemote.FetchError) -> PackIndexer {
        do throws(GitError) { return PackIndexer(try newPack(), of: self) } catch {
            if let diskError = DiskError(error, in: overflow?.directory ?? storeDirectory.directory) {
                throw .disk(diskError)
            }
            throw .final(
                DeployError(.internalError, "a pack cannot be stored in the cache", details: [error.message]))
        }
    }

    private func newPack() throws(GitError) -> PackIndexer.Pack {
        guard let overflow else {
            return try PackIndexer.Pack(into: store.database, at: storeDirectory.directory)
        }
        return try PackIndexer.Pack(into: overflow.store.database, at: overflow.directory)
    }

    /// Looks for packs that were added since the last call.
    func refresh() { store.database.refresh() }
}

/// Appends a piece of a pack to the body. A result other than 0 aborts packing.
private func appendPackData(
    _ start: UnsafeMutableRawPointer?, _ size: Int, _ payload: UnsafeMutableRawPointer?
)
    -> Int32
{
    guard let payload else { return -1 }
    let spool = Unmanaged<SpooledBody>.fromOpaque(payload).takeUnretainedValue()
    do { try spool.write(UnsafeRawBufferPointer(start: start, count: size)) } catch { return -1 }
    return 0
}

/// If the cache is full, fetched packs are written to a temporary store, and the cache is still
/// read.
extension ObjectStore {
    /// Directs new packs to a temporary store and leaves the full cache unchanged.
    /// - Returns: false if packs are written there already, or it is on the same disk.
    func useOverflow(_ diskError: DiskError) throws(DeployError) -> Bool {
        guard overflow == nil, !storeDirectory.isTemporary else { return false }
        let temporary = try StoreDirectory.temporary()
        let (path, directory) = (temporary.path, temporary.directory)
        guard diskError.code == EFBIG || !DiskError.sharesDisk(store.path, directory)
        else { return false }
        do throws(GitError) {
            let alternates = AlternateObjects(directories: directories, path: store.path)
            let overflowStore = try Store.open(at: path, joining: [alternates])
            overflow = OverflowStore(overflowStore, at: temporary, for: store.path + "/objects")
            attachOverflow()
        } catch {
            throw DiskError(error, in: directory)?.failure(.temporary)
                ?? DeployError(
                    .internalError, "the temporary directory \(directory) cannot be used",
                    details: [error.message])
        }
        FullCaches.record(diskError)
        return true
    }

    /// Adds the overflow directories of this store and of its alternates to the database.
    func attachOverflow() {
        guard FullCaches.hasOverflow else { return }
        for directory in directories.flatMap(FullCaches.overflowDirectories)
        where attachedOverflow.insert(directory).inserted {
            try? store.database.addAlternate(directory)
        }
    }

    /// Returns the error to report for a full disk.
    func failure(_ error: DiskError) -> DeployError {
        error.failure(overflow == nil && !storeDirectory.isTemporary ? .cache : .temporary)
    }
}

internal import CGit2
import Essentials
import SpacesModel

/// Takes in a pack piece by piece. It becomes part of the store when it is whole, and leaves nothing behind when not.
actor PackIntake {
    private let store: ObjectStore
    private var pack: Pack
    private var scan = PackScan()
    nonisolated var unownedExecutor: UnownedSerialExecutor { store.executor.asUnownedSerialExecutor() }

    fileprivate init(_ pack: consuming Pack, of store: ObjectStore) {
        self.pack = pack
        self.store = store
    }

    func append(_ bytes: [UInt8]) throws(SmartRemote.FetchFault) {
        do throws(PackScan.Excess) { try scan.take(bytes) } catch { throw .wire(.excess(error.words)) }
        do throws(GitError) { try pack.append(bytes) } catch { throw fault(error) }
    }

    func commit() async throws(SmartRemote.FetchFault) {
        do throws(GitError) { try pack.commit() } catch { throw fault(error) }
        await store.refresh()
    }

    private func fault(_ error: GitError) -> SmartRemote.FetchFault {
        DiskFault(error, in: pack.directory).map { .disk($0) } ?? .wire(.badPack(error.message))
    }

    /// libgit2's own writer of a pack and its index: both are written beside their place and renamed.
    ///
    /// Unchecked, for libgit2's writer is a pointer: it is made in the store and handed to the intake alone, and both run
    /// on the same executor, so no two threads ever touch it.
    struct Pack: ~Copyable, @unchecked Sendable {  // only the store's executor uses its C pointer
        /// The directory on whose disk the pack is written.
        let directory: String
        private let raw: UnsafeMutablePointer<git_odb_writepack>
        /// One for all calls: libgit2 counts in it, and compares at the end what it indexed with what was announced.
        private var progress = git_indexer_progress()

        /// libgit2 writes through a memory map and reserves only the last page of each piece. A longer piece would end
        /// this process by SIGBUS when the disk is full.
        private static let pieceSize = 4 << 10
        /// Bytes that must be free when a pack is completed: its bases are written through the same map.
        private static let reserve = 1 << 20

        /// - Parameter directory: on whose disk the database writes.
        init(into database: borrowing Database, at directory: String) throws(GitError) {
            var pointer: UnsafeMutablePointer<git_odb_writepack>?
            try check("git_odb_write_pack", git_odb_write_pack(&pointer, database.handle.raw, nil, nil))
            guard let pointer else {
                throw GitError(call: "git_odb_write_pack", code: -1, message: "no writer came back")
            }
            (raw, self.directory) = (pointer, directory)
        }

        deinit { spacesync_git_pack_free(raw) }

        mutating func append(_ bytes: [UInt8]) throws(GitError) {
            var start = 0
            while start < bytes.count {
                let count = min(Self.pieceSize, bytes.count - start)
                let status = bytes.withUnsafeBytes {
                    spacesync_git_pack_append(raw, $0.baseAddress.map { $0 + start }, count, &progress)
                }
                try check("git_indexer_append", status)
                start += count
            }
        }

        mutating func commit() throws(GitError) {
            guard DiskFault.freeSpace(in: directory) >= Self.reserve else {
                let words = String(cString: strerror(ENOSPC))
                throw GitError(call: "git_indexer_commit", code: -1, message: words)
            }
            try check("git_indexer_commit", spacesync_git_pack_commit(raw, &progress))
        }
    }
}

extension ObjectStore {
    /// Begins to take in a pack.
    func intake() throws(SmartRemote.FetchFault) -> PackIntake {
        do throws(GitError) { return PackIntake(try newPack(), of: self) } catch {
            if let fault = DiskFault(error, in: spare?.directory ?? place.directory) { throw .disk(fault) }
            throw .final(
                Failure(.internalFault, "a pack cannot be stored in the cache", details: [error.message]))
        }
    }

    private func newPack() throws(GitError) -> PackIntake.Pack {
        guard let spare else { return try PackIntake.Pack(into: store.database, at: place.directory) }
        return try PackIntake.Pack(into: spare.store.database, at: spare.directory)
    }

    /// Looks for packs that came since.
    func refresh() { store.database.refresh() }
}

/// A store in a temporary place, next to one in a full cache.
final class SpareStore {
    let store: Store
    let path: String
    let directory: String
    private let place: StorePlace
    private let replaced: String

    /// - Parameter replaced: the object directory in the full cache.
    init(_ store: consuming Store, at place: consuming StorePlace, for replaced: String) {
        (path, directory, self.replaced) = (place.path, place.directory, replaced)
        self.store = store
        self.place = place
        FullCaches.add(spare: path + "/objects", for: replaced)
    }

    deinit { FullCaches.remove(spare: path + "/objects", for: replaced) }
}

/// A cache that is full: what is fetched goes to a temporary place, and what the cache has is still read.
extension ObjectStore {
    /// Leaves the full cache as it is, and puts new packs in a temporary place.
    /// - Returns: false if they are written there already, or it is on the same disk.
    func avoid(_ fault: DiskFault) throws(Failure) -> Bool {
        guard spare == nil, !place.isTemporary else { return false }
        let temporary = try StorePlace.temporary()
        let (path, directory) = (temporary.path, temporary.directory)
        guard fault.code == EFBIG || !DiskFault.sharesDisk(store.path, directory)
        else { return false }
        do throws(GitError) {
            let known = JoinedObjects(directories: directories, path: store.path)
            let opened = try Store.open(at: path, joining: [known])
            spare = SpareStore(opened, at: temporary, for: store.path + "/objects")
            joinSpares()
        } catch {
            throw DiskFault(error, in: directory)?.failure(.temporary)
                ?? Failure(
                    .internalFault, "the temporary directory \(directory) cannot be used",
                    details: [error.message])
        }
        FullCaches.note(fault)
        return true
    }

    /// Reads through the temporary places of this store and of those that are joined to it.
    func joinSpares() {
        guard FullCaches.hasSpares else { return }
        for directory in directories.flatMap(FullCaches.spares) where joinedSpares.insert(directory).inserted
        {
            try? store.database.join(directory)
        }
    }

    /// How a full disk is reported.
    func failure(_ fault: DiskFault) -> Failure {
        fault.failure(spare == nil && !place.isTemporary ? .cache : .temporary)
    }
}

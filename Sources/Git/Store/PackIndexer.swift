internal import CGit2
import Essentials
import SpacesModel

/// Takes in a pack piece by piece. It becomes part of the store when it is whole, and leaves nothing behind when not.
actor PackIndexer {
    private let store: ObjectStore
    private var pack: Pack
    private var scan = PackScan()
    nonisolated var unownedExecutor: UnownedSerialExecutor { store.executor.asUnownedSerialExecutor() }

    fileprivate init(_ pack: consuming Pack, of store: ObjectStore) {
        self.pack = pack
        self.store = store
    }

    func append(_ bytes: [UInt8]) throws(SmartHTTPRemote.FetchError) {
        do throws(PackScan.LimitExceeded) { try scan.consume(bytes) } catch {
            throw .protocolError(.limitExceeded(error.message))
        }
        do throws(GitError) { try pack.append(bytes) } catch { throw fetchError(error) }
    }

    func commit() async throws(SmartHTTPRemote.FetchError) {
        do throws(GitError) { try pack.commit() } catch { throw fetchError(error) }
        await store.refresh()
    }

    private func fetchError(_ error: GitError) -> SmartHTTPRemote.FetchError {
        DiskError(error, in: pack.directory).map { .disk($0) } ?? .protocolError(.badPack(error.message))
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
        init(into database: borrowing ODB, at directory: String) throws(GitError) {
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
            guard DiskError.freeSpace(in: directory) >= Self.reserve else {
                let words = String(cString: strerror(ENOSPC))
                throw GitError(call: "git_indexer_commit", code: -1, message: words)
            }
            try check("git_indexer_commit", spacesync_git_pack_commit(raw, &progress))
        }
    }
}

extension ObjectStore {
    /// Begins to take in a pack.
    func makePackIndexer() throws(SmartHTTPRemote.FetchError) -> PackIndexer {
        do throws(GitError) { return PackIndexer(try newPack(), of: self) } catch {
            if let fault = DiskError(error, in: overflow?.directory ?? storeDirectory.directory) {
                throw .disk(fault)
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

    /// Looks for packs that came since.
    func refresh() { store.database.refresh() }
}

/// A store in a temporary place, next to one in a full cache.
final class OverflowStore {
    let store: Store
    let path: String
    let directory: String
    private let storeDirectory: StoreDirectory
    private let replaced: String

    /// - Parameter replaced: the object directory in the full cache.
    init(_ store: consuming Store, at storeDirectory: consuming StoreDirectory, for replaced: String) {
        (path, directory, self.replaced) = (storeDirectory.path, storeDirectory.directory, replaced)
        self.store = store
        self.storeDirectory = storeDirectory
        FullCaches.add(overflow: path + "/objects", for: replaced)
    }

    deinit { FullCaches.remove(overflow: path + "/objects", for: replaced) }
}

/// A cache that is full: what is fetched goes to a temporary place, and what the cache has is still read.
extension ObjectStore {
    /// Leaves the full cache as it is, and puts new packs in a temporary place.
    /// - Returns: false if they are written there already, or it is on the same disk.
    func useOverflow(_ diskError: DiskError) throws(DeployError) -> Bool {
        guard overflow == nil, !storeDirectory.isTemporary else { return false }
        let temporary = try StoreDirectory.temporary()
        let (path, directory) = (temporary.path, temporary.directory)
        guard diskError.code == EFBIG || !DiskError.sharesDisk(store.path, directory)
        else { return false }
        do throws(GitError) {
            let known = AlternateObjects(directories: directories, path: store.path)
            let opened = try Store.open(at: path, joining: [known])
            overflow = OverflowStore(opened, at: temporary, for: store.path + "/objects")
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

    /// Reads through the temporary places of this store and of those that are joined to it.
    func attachOverflow() {
        guard FullCaches.hasOverflow else { return }
        for directory in directories.flatMap(FullCaches.overflowDirectories)
        where attachedOverflow.insert(directory).inserted {
            try? store.database.addAlternate(directory)
        }
    }

    /// How a full disk is reported.
    func failure(_ error: DiskError) -> DeployError {
        error.failure(overflow == nil && !storeDirectory.isTemporary ? .cache : .temporary)
    }
}

internal import CGit2
import Essentials
import SpacesModel

/// Writes a pack that arrives in chunks into the store. The pack becomes visible when it is
/// complete; an incomplete one leaves no files behind.
actor PackIndexer {
    private let store: ObjectStore
    private var pack: Pack
    private var scan = PackScan()
    nonisolated var unownedExecutor: UnownedSerialExecutor { store.executor.asUnownedSerialExecutor() }

    init(_ pack: consuming Pack, of store: ObjectStore) {
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

    /// libgit2's writer of a pack and its index, which writes both under temporary names and
    /// renames them.
    ///
    /// Unchecked, because libgit2's writer is a pointer: the store creates it and passes it to the
    /// indexer only, and both run on the same executor, so no two threads use it at once.
    struct Pack: ~Copyable, @unchecked Sendable {  // only the store's executor uses its C pointer
        /// A directory on the disk that the pack is written to.
        let directory: String
        private let raw: UnsafeMutablePointer<git_odb_writepack>
        /// Shared by all calls: libgit2 counts in it and finally compares the indexed objects with
        /// the announced ones.
        private var progress = git_indexer_progress()

        /// The maximum number of bytes per call. libgit2 writes through a memory map and reserves
        /// only the last page of each chunk, so a longer chunk would end this process with SIGBUS
        /// on a full disk.
        private static let pieceSize = 4 << 10
        /// The bytes that must be free when a pack is completed: missing bases are written through
        /// the same memory map.
        private static let reserve = 1 << 20

        /// - Parameter directory: a directory on the disk that the database writes to.
        init(into database: borrowing ODB, at directory: String) throws(GitError) {
            var pointer: UnsafeMutablePointer<git_odb_writepack>?
            try check("git_odb_write_pack", git_odb_write_pack(&pointer, database.handle.raw, nil, nil))
            guard let pointer else {
                throw GitError(call: "git_odb_write_pack", code: -1, message: "no writer was returned")
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
                let message = String(cString: strerror(ENOSPC))
                throw GitError(call: "git_indexer_commit", code: -1, message: message)
            }
            try check("git_indexer_commit", spacesync_git_pack_commit(raw, &progress))
        }
    }
}

/// A pack that this process writes into a store. libgit2's indexer inflates each object and computes
/// its id from the content, so damaged objects are detected.
final class StoredPack {
    private var pack: PackIndexer.Pack
    private var buffer: [UInt8] = []

    /// - Parameter directory: a directory on the disk that the database writes to.
    init(into database: borrowing ODB, at directory: String) throws(GitError) {
        pack = try PackIndexer.Pack(into: database, at: directory)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        buffer += bytes
        // Buffered, because the indexer maps a part of its file in each call.
        if buffer.count >= 1 << 20 { try flush() }
    }

    /// Makes the pack visible.
    func commit() throws {
        try flush()
        try pack.commit()
    }

    private func flush() throws {
        try pack.append(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

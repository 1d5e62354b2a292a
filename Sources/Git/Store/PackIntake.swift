internal import CGit2
import Deploy

/// Takes in a pack piece by piece. It becomes part of the store when it is whole, and leaves nothing behind when not.
actor PackIntake {
    private let store: ObjectStore
    private var pack: Pack
    nonisolated var unownedExecutor: UnownedSerialExecutor { store.executor.asUnownedSerialExecutor() }

    fileprivate init(_ pack: consuming Pack, of store: ObjectStore) {
        self.pack = pack
        self.store = store
    }

    func append(_ bytes: [UInt8]) throws(WireFault) { try pack.append(bytes) }

    func commit() async throws(WireFault) {
        try pack.commit()
        await store.refresh()
    }

    /// libgit2's own writer of a pack and its index: both are written beside their place and renamed.
    ///
    /// Unchecked, for libgit2's writer is a pointer: it is made in the store and handed to the intake alone, and both run
    /// on the same executor, so no two threads ever touch it.
    struct Pack: ~Copyable, @unchecked Sendable {  // one owner, one executor
        private let raw: UnsafeMutablePointer<git_odb_writepack>
        /// One for all calls: libgit2 counts in it, and compares at the end what it indexed with what was announced.
        private var progress = git_indexer_progress()

        init(into database: borrowing Database) throws(GitError) {
            var pointer: UnsafeMutablePointer<git_odb_writepack>?
            try check("git_odb_write_pack", git_odb_write_pack(&pointer, database.handle.raw, nil, nil))
            guard let pointer else {
                throw GitError(call: "git_odb_write_pack", code: -1, message: "no writer came back")
            }
            raw = pointer
        }

        deinit { spacesync_git_pack_free(raw) }

        mutating func append(_ bytes: [UInt8]) throws(WireFault) {
            let status = bytes.withUnsafeBytes {
                spacesync_git_pack_append(raw, $0.baseAddress, $0.count, &progress)
            }
            try taken("git_indexer_append", status)
        }

        mutating func commit() throws(WireFault) {
            try taken("git_indexer_commit", spacesync_git_pack_commit(raw, &progress))
        }

        private func taken(_ call: StaticString, _ status: Int32) throws(WireFault) {
            do throws(GitError) { try check(call, status) } catch { throw .badPack(error.message) }
        }
    }
}

extension ObjectStore {
    /// Begins to take in a pack.
    func intake() throws(SmartRemote.FetchFault) -> PackIntake {
        do throws(GitError) { return PackIntake(try PackIntake.Pack(into: store.database), of: self) } catch {
            throw .final(
                Failure(.internalFault, "a pack cannot be stored in the cache", details: [error.message]))
        }
    }

    /// Looks for packs that came since.
    func refresh() { store.database.refresh() }
}

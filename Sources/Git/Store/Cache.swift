import Essentials
import SpacesModel
import Synchronization
import TextTools

/// The cache directory of fetched objects: one bare repository per remote. If it is lost, objects
/// are fetched again.
package struct Cache: Hashable, Sendable {
    /// The path; created with mode 0700 when it is first needed.
    package let path: String

    package init(at path: String) { self.path = path }

    /// Opens the store of a remote, with the sources' objects added in memory. A damaged store is
    /// recreated; if the cache cannot be written, a temporary directory is used.
    package func store(
        for remote: String, joining sources: [AlternateObjects] = []
    ) async throws(DeployError) -> ObjectStore {
        let executor = GitExecutor("store")
        return try await executor.run { () throws(DeployError) in
            let directory = try claimDirectory(for: remote)
            let storePath = directory.path
            defer { label(storePath, remote) }
            return try ObjectStore(
                directory, joining: sources, remembering: LFSPointerCache(in: path), on: executor)
        }
    }

    /// Creates a temporary store, which is removed after its last use.
    package func temporaryStore(joining sources: [AlternateObjects]) async throws(DeployError) -> ObjectStore
    {
        let executor = GitExecutor("store")
        return try await executor.run { () throws(DeployError) in
            try ObjectStore(
                try StoreDirectory.temporary(), joining: sources, remembering: LFSPointerCache(in: nil),
                on: executor)
        }
    }

    /// Returns the directory of a remote's store, claimed for this process.
    func claimDirectory(for remote: String) throws(DeployError) -> StoreDirectory {
        let name = name(of: remote)
        if !FileManager.default.fileExists(atPath: "\(path)/\(name)") {
            StoreDirectory.sweep(name, in: self)
            pruneIfDue()
        }
        return try StoreDirectory.claim(name, in: self)
    }

    /// Returns a readable name with a hash, which distinguishes URLs with the same readable name.
    private func name(of remote: String) -> String {
        let redacted = remote.redactedURL
        let bytes = redacted.utf8.map { Self.plain.contains($0) ? $0 : UInt8(ascii: "-") }
        let readable = String(decoding: bytes.suffix(60), as: UTF8.self)
        return "\(readable)-\(ODB.hash(Array(redacted.utf8)).description.prefix(16))"
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.".utf8)
}

/// Listing, clearing and pruning of the cache.
extension Cache {
    /// The cached store of one remote.
    package struct Entry: Hashable, Sendable {
        /// The remote, without credentials.
        package var remote: String
        /// The size on disk, in bytes.
        package var size: Int
        package var used: Date
        fileprivate var name: String
    }

    /// Returns the stores, the most recently used first.
    package func entries() -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap(entry).sorted { $0.used > $1.used }
    }

    private func entry(_ name: String) -> Entry? {
        let store = "\(path)/\(name)"
        guard TemporaryStores.store(in: name) == nil,
            FileManager.default.fileExists(atPath: store + "/objects")
        else {
            return nil
        }
        // Redacted again, as an earlier version may have stored credentials.
        let remote =
            (try? String(contentsOfFile: store + "/\(Self.label)", encoding: .utf8))?.redactedURL ?? name
        let date =
            try? FileManager.default.attributesOfItem(atPath: store + ".lock")[.modificationDate] as? Date
        return Entry(remote: remote, size: Self.size(of: store), used: date ?? .distantPast, name: name)
    }

    /// The name of the file in a store that contains the remote's URL.
    static let label = "spacesync-remote"

    /// Writes the remote's URL into a store, unless it has been written before.
    func label(_ store: String, _ remote: String) {
        let file = "\(store)/\(Self.label)"
        guard !FileManager.default.fileExists(atPath: file) else { return }
        PlainFile.replace(file, with: Array(remote.redactedURL.utf8))
    }

    private static func size(of directory: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.reduce(0) { total, name in
            var info = stat()
            guard lstat("\(directory)/\(name)", &info) == 0 else { return total }
            let contentSize = info.st_mode & S_IFMT == S_IFDIR ? size(of: "\(directory)/\(name)") : 0
            return total.addingClamped(Int(clamping: info.st_size)).addingClamped(contentSize)
        }
    }

    /// Removes every store that is not in use, and the cached fetch strategies and LFS pointers.
    /// - Returns: the removed stores, and those in use.
    package func clear() -> (removed: [Entry], busy: [Entry]) {
        let (removed, busy) = remove(entries())
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        sweep()
        for name in names where name.hasPrefix("wire-") || name == "lfs-pointers" {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        return (removed, busy)
    }

    private func remove(_ entries: [Entry]) -> (removed: [Entry], busy: [Entry]) {
        var (removed, busy): ([Entry], [Entry]) = ([], [])
        for entry in entries {
            if StoreDirectory.clear(entry.name, in: self) {
                removed.append(entry)
            } else {
                busy.append(entry)
            }
        }
        return (removed, busy)
    }

    /// The maximum total size of the stores, in bytes.
    static let limit = 2 << 30

    /// Removes the least recently used stores until the rest fits into the limit. Called when a
    /// store is created or repacked.
    func prune(to limit: Int = Cache.limit) {
        sweep()
        var remaining = limit
        var excess: [Entry] = []
        for entry in entries() {
            remaining = remaining.addingClamped(-entry.size)
            if remaining < 0 { excess.append(entry) }
        }
        _ = remove(excess.reversed())
    }

    /// Prunes the cache unless this process did so within the last minute: a run that creates
    /// hundreds of stores would measure all of them for each new one.
    func pruneIfDue() {
        let isDue = Self.pruned.withLock { pruned in
            let now = ContinuousClock.now
            if let last = pruned[path], last.duration(to: now) < .seconds(60) { return false }
            pruned[path] = now
            return true
        }
        if isDue { prune() }
    }

    private static let pruned = Mutex<[String: ContinuousClock.Instant]>([:])

    /// Removes temporary files that crashed processes left while creating, repacking or removing a
    /// store.
    private func sweep() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for store in Set(names.compactMap(TemporaryStores.store)) { StoreDirectory.sweep(store, in: self) }
        TemporaryStores.removeStaleFiles(in: path)
        TemporaryStores.removePrivateFolders(in: temporaryDirectory())
    }

    /// Checks that only the current user controls the cache: its objects are pushed, and its files
    /// contain LFS pointers and host names.
    /// - Throws: kind `settings` if the directory belongs to another user or is writable for
    ///   everyone.
    package func checkOwner() throws(DeployError) {
        var (link, target) = (stat(), stat())
        guard lstat(path, &link) == 0, stat(path, &target) == 0, target.st_mode & S_IFMT == S_IFDIR else {
            return
        }
        let user = geteuid()
        // A symbolic link that belongs to the user or to root may point to a larger disk.
        guard target.st_uid == user, link.st_uid == user || link.st_uid == 0 else {
            let owner = target.st_uid == user ? link.st_uid : target.st_uid
            throw DeployError(
                .settings, "the cache \(path) belongs to another user (\(Self.name(of: owner)))",
                hint: "run spacesync as that user, or use another directory: set XDG_CACHE_HOME, or "
                    + "cache = DIR in [spacesync] of your settings")
        }
        // With the sticky bit (a tmpfs), other users cannot replace existing files, and links are
        // not followed.
        guard target.st_mode & 0o1002 != 0o002 else {
            throw DeployError(
                .settings, "every user of this machine may write to the cache \(path)",
                hint: "run chmod go-w \(path), then spacesync cache clear")
        }
    }

    private static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "user \(user)" }
        return String(cString: name)
    }
}

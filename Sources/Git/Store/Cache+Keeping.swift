import Essentials
import Synchronization
import TextTools

/// What the cache holds, and how it is kept small.
extension Cache {
    /// The store of one remote.
    package struct Entry: Hashable, Sendable {
        /// The remote, without credentials.
        package var remote: String
        /// Bytes on the disk.
        package var size: Int
        package var used: Date
        fileprivate var name: String
    }

    /// The stores, the last used first.
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
        // Redacted again: an earlier version may have stored more of it.
        let remote =
            (try? String(contentsOfFile: store + "/\(Self.label)", encoding: .utf8))?.redactedURL ?? name
        let date =
            try? FileManager.default.attributesOfItem(atPath: store + ".lock")[.modificationDate] as? Date
        return Entry(remote: remote, size: Self.size(of: store), used: date ?? .distantPast, name: name)
    }

    /// In a store, the remote that it belongs to.
    static let label = "spacesync-remote"

    /// Notes, once, which remote a store belongs to.
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
            let below = info.st_mode & S_IFMT == S_IFDIR ? size(of: "\(directory)/\(name)") : 0
            return total.addingClamped(Int(clamping: info.st_size)).addingClamped(below)
        }
    }

    /// Removes every store that nobody is using, and what is remembered of servers and blobs.
    /// - Returns: the stores that are gone, and those that are in use.
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

    /// Bytes that the stores may take together.
    static let limit = 2 << 30

    /// Makes room where a store is made or folded: those that were used the longest ago go first.
    func prune(to limit: Int = Cache.limit) {
        sweep()
        var room = limit
        var old: [Entry] = []
        for entry in entries() {
            room = room.addingClamped(-entry.size)
            if room < 0 { old.append(entry) }
        }
        _ = remove(old.reversed())
    }

    /// The same, unless this process did it within the last minute: a run that makes hundreds of stores would look at all
    /// of them for each.
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

    /// Removes what processes left that died while they made, folded or removed a store.
    private func sweep() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for store in Set(names.compactMap(TemporaryStores.store)) { StoreDirectory.sweep(store, in: self) }
        TemporaryStores.removeStaleFiles(in: path)
        TemporaryStores.removePrivateFolders(in: temporaryDirectory())
    }
}

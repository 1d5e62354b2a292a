import Essentials

/// What lies beside a store while it is made, folded or removed. Where nobody is using the store, it is what a process
/// left that died.
enum TemporaryStores {
    /// Where a store is made, to be renamed when it is whole.
    static func newPath(of store: String) -> String {
        "\(store).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// Where a store is moved to, to be removed.
    static func oldPath(of store: String) -> String { "\(store).old-\(getpid())" }

    /// The store that a name in a cache is a leftover of; nil when it is none. Names of stores end in a hash.
    static func store(in name: String) -> String? {
        // Most names are none, and to read them by a pattern costs more than to list them.
        guard name.contains(".new-") || name.contains(".old-") else { return nil }
        guard let match = name.wholeMatch(of: #/(.+-[0-9a-f]{16})\.(?:new|old)-[0-9-]+/#) else { return nil }
        return String(match.1)
    }

    /// Removes what is left of a store.
    /// - Parameter path: of the store, which this process alone is using.
    static func removeAll(of path: String) {
        let (folder, store) = (
            path.deletingLastPathComponent, path.lastPathComponent
        )
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where self.store(in: name) == store {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}

/// Files that a process left in the middle of writing them.
extension TemporaryStores {
    /// A file of this age is no longer being written. Seconds.
    private static let age: TimeInterval = 3600

    /// What libgit2 and Foundation name a file until it is whole.
    private static func isPart(_ name: String) -> Bool {
        name.hasPrefix("pack_git2_") || name.hasPrefix("tmp_") || name.hasPrefix(".dat.nosync")
            || name.hasSuffix(".lock")
    }

    private static func parts(in store: String) -> [String] {
        ["", "/objects/pack", "/refs/spacesync"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: store + folder)) ?? []
            // A process that is at it writes to them all the time.
            return names.filter(isPart).map { "\(store)\(folder)/\($0)" }.filter { isStale($0, after: 60) }
        }
    }

    /// Whether there may be packs in a store that never became whole.
    static func hasParts(in store: String) -> Bool { !parts(in: store).isEmpty }

    /// - Parameter store: that this process alone is using.
    static func removeParts(in store: String) { parts(in: store).forEach { unlink($0) } }

    /// Removes temporary files beside the stores: spools that have a name still, and what was to be renamed.
    static func removeStaleFiles(in cache: String) {
        for folder in [cache, cache + "/fingerprints"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names where isTemporary(name) && isStale("\(folder)/\(name)") {
                unlink("\(folder)/\(name)")
            }
        }
    }

    private static func isTemporary(_ name: String) -> Bool {
        let isSpool = name.hasPrefix("lfs-") && name.utf8.count == 10
        return isSpool || name.hasPrefix(".dat.nosync") || name.hasSuffix("~") || name.hasPrefix(".doctor-")
            || (name.hasPrefix(".") && UUID(uuidString: String(name.dropFirst())) != nil)
    }

    /// Removes private directories that no process has locked (`TemporaryDirectory`).
    static func removePrivateFolders(in temporary: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? []
        for name in names where name.hasPrefix("spacesync-") && name.utf8.count == 16 {
            let path = (temporary.hasSuffix("/") ? temporary : temporary + "/") + name
            guard isStale(path, isDirectory: true) else { continue }
            let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard folder >= 0 else { continue }
            if flock(folder, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
            close(folder)
        }
    }

    /// This user's own, and not changed for some time.
    private static func isStale(_ path: String, isDirectory: Bool = false, after age: TimeInterval = age)
        -> Bool
    {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & S_IFMT == (isDirectory ? S_IFDIR : S_IFREG)
        else { return false }
        #if os(Linux)
            let changed = status.st_mtim.tv_sec
        #else
            let changed = status.st_mtimespec.tv_sec
        #endif
        return Date().timeIntervalSince1970 - TimeInterval(changed) > age
    }
}

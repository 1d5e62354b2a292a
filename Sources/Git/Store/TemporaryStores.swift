import Essentials

/// Temporary directories next to a store during creation, repack or removal. If the store's lock is
/// free, they are left over from a crashed process.
enum TemporaryStores {
    /// Returns the path where a store is created before it is renamed.
    static func newPath(of store: String) -> String {
        "\(store).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// Returns the path that a store is renamed to before it is removed.
    static func oldPath(of store: String) -> String { "\(store).old-\(getpid())" }

    /// Returns the store that a name in a cache is a temporary directory of; `nil` for other names.
    /// Names of stores end with a hash.
    static func store(in name: String) -> String? {
        // Faster than matching the pattern against every name.
        guard name.contains(".new-") || name.contains(".old-") else { return nil }
        guard let match = name.wholeMatch(of: #/(.+-[0-9a-f]{16})\.(?:new|old)-[0-9-]+/#) else { return nil }
        return String(match.1)
    }

    /// Removes the temporary directories of a store.
    /// - Parameter path: the path of the store, which no other process may use.
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

/// Partial files that a process left when it was interrupted.
extension TemporaryStores {
    /// The age in seconds after which a file is no longer being written.
    private static let age: TimeInterval = 3600

    /// Returns whether libgit2 or Foundation uses this name for an incomplete file.
    private static func isPart(_ name: String) -> Bool {
        name.hasPrefix("pack_git2_") || name.hasPrefix("tmp_") || name.hasPrefix(".dat.nosync")
            || name.hasSuffix(".lock")
    }

    private static func parts(in store: String) -> [String] {
        ["", "/objects/pack", "/refs/spacesync"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: store + folder)) ?? []
            // A process that is still writing such a file changes it all the time.
            return names.filter(isPart).map { "\(store)\(folder)/\($0)" }.filter { isStale($0, after: 60) }
        }
    }

    /// Returns whether a store may contain incomplete packs.
    static func hasParts(in store: String) -> Bool { !parts(in: store).isEmpty }

    /// - Parameter store: the path of the store, which no other process may use.
    static func removeParts(in store: String) { parts(in: store).forEach { unlink($0) } }

    /// Removes temporary files next to the stores: spool files that were not unlinked, and files
    /// that were not renamed.
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

    /// Removes temporary directories that no process has locked (`TemporaryDirectory`).
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

    /// Returns whether a path belongs to this user and has not been modified for some time.
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

import Synchronization

/// The caches that were found full, so that a run can report it once.
package enum FullCaches {
    private static let found = Mutex<[DiskError]>([])
    /// Object directories in temporary places, by those in the cache that they stand in for. Stores that read through a
    /// directory of the cache find them here.
    private static let overflowDirectories = Mutex<[String: [String]]>([:])

    static var hasOverflow: Bool { overflowDirectories.withLock { !$0.isEmpty } }
    static func overflowDirectories(of directory: String) -> [String] {
        overflowDirectories.withLock { $0[directory] ?? [] }
    }
    static func add(overflow: String, for directory: String) {
        overflowDirectories.withLock { $0[directory, default: []].append(overflow) }
    }
    static func remove(overflow: String, for directory: String) {
        overflowDirectories.withLock { $0[directory]?.removeAll { $0 == overflow } }
    }

    static func record(_ error: DiskError) {
        found.withLock { found in
            if !found.contains(error) { found.append(error) }
        }
    }

    /// Those that were not taken yet.
    package static func drain() -> [DiskError] {
        found.withLock { found in
            defer { found = [] }
            return found
        }
    }
}

import Synchronization

/// The process-wide list of caches that were found full, so that each is reported only once.
package enum FullCaches {
    private static let recorded = Mutex<[DiskError]>([])
    /// Temporary object directories, by the full cache's object directory that they extend. Stores
    /// that read from a cache directory look here for its newer objects.
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
        recorded.withLock { recorded in
            if !recorded.contains(error) { recorded.append(error) }
        }
    }

    /// Returns the errors that were recorded since the last call.
    package static func drain() -> [DiskError] {
        recorded.withLock { recorded in
            defer { recorded = [] }
            return recorded
        }
    }
}

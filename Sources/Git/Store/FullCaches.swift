import Synchronization

/// The caches that were found full, so that a run can report it once.
package enum FullCaches {
    private static let found = Mutex<[DiskFault]>([])
    /// Object directories in temporary places, by those in the cache that they stand in for. Stores that read through a
    /// directory of the cache find them here.
    private static let spares = Mutex<[String: [String]]>([:])

    static var hasSpares: Bool { spares.withLock { !$0.isEmpty } }
    static func spares(of directory: String) -> [String] { spares.withLock { $0[directory] ?? [] } }
    static func add(spare: String, for directory: String) {
        spares.withLock { $0[directory, default: []].append(spare) }
    }
    static func remove(spare: String, for directory: String) {
        spares.withLock { $0[directory]?.removeAll { $0 == spare } }
    }

    static func note(_ fault: DiskFault) {
        found.withLock { found in
            if !found.contains(fault) { found.append(fault) }
        }
    }

    /// Those that were not taken yet.
    package static func take() -> [DiskFault] {
        found.withLock { found in
            defer { found = [] }
            return found
        }
    }
}

import Foundation

/// What lies beside a store while it is made, folded or removed. Where nobody is using the store, it is what a process
/// left that died.
enum Leftover {
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
            (path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent
        )
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where self.store(in: name) == store {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}

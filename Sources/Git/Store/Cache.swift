import Essentials
import SpacesModel
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

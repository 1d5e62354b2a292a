import Essentials
import SpacesModel
import TextTools

/// The directory that holds what was fetched before: one bare repository for each remote. Losing it costs a fetch.
package struct Cache: Hashable, Sendable {
    /// Its path; made, with mode 0700, when it is first needed.
    package let path: String

    package init(at path: String) { self.path = path }

    /// Opens the store of a remote, with the objects of the sources joined in memory. A store that is damaged is
    /// started over; a cache that cannot be written is replaced by a temporary directory.
    package func store(
        for remote: String, joining sources: [AlternateObjects] = []
    ) async throws(DeployError) -> ObjectStore {
        let executor = GitExecutor("store")
        return try await executor.run { () throws(DeployError) in
            let place = try claimDirectory(for: remote)
            let folder = place.path
            defer { label(folder, remote) }
            return try ObjectStore(
                place, joining: sources, remembering: LFSPointerCache(in: path), on: executor)
        }
    }

    /// A store that goes with its last use: for what is looked at once.
    package func temporaryStore(joining sources: [AlternateObjects]) async throws(DeployError) -> ObjectStore
    {
        let executor = GitExecutor("store")
        return try await executor.run { () throws(DeployError) in
            try ObjectStore(
                try StoreDirectory.temporary(), joining: sources, remembering: LFSPointerCache(in: nil),
                on: executor)
        }
    }

    /// The directory of a remote's store, claimed for this process.
    func claimDirectory(for remote: String) throws(DeployError) -> StoreDirectory {
        let name = name(of: remote)
        if !FileManager.default.fileExists(atPath: "\(path)/\(name)") {
            StoreDirectory.sweep(name, in: self)
            pruneIfDue()
        }
        return try StoreDirectory.claim(name, in: self)
    }

    /// A readable name and a hash, which tells apart what reads alike.
    private func name(of remote: String) -> String {
        let shown = remote.redactedURL
        let bytes = shown.utf8.map { Self.plain.contains($0) ? $0 : UInt8(ascii: "-") }
        let readable = String(decoding: bytes.suffix(60), as: UTF8.self)
        return "\(readable)-\(ODB.hash(Array(shown.utf8)).description.prefix(16))"
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.".utf8)
}

import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// Carries LFS objects from where a source has them to the Space's storage: files of this machine and blobs straight,
/// what only the source's server has through a spool. Never through memory whole, but for blobs, which Git keeps so.
package actor LFSTransferManager: LFSTransferring {
    /// What the carrier needs of the world.
    package struct Access: Sendable {
        package var client: HTTPClient
        package var meter: TrafficCounter?
        /// Transfers at a time.
        package var jobs = 4
        /// Shared by the carriers of a run: large blobs are held in memory, one at a time.
        package var largeFileMutex = AsyncMutex()
        /// Of the cache: where objects lie on their way.
        package var directory: String
        /// For a source's LFS server, by the URL that is requested, and whether only a file of the source names it.
        package var authorization: @Sendable (URL, _ isForeign: Bool) throws(DeployError) -> Authorization?
        /// Hosts that the operator named: they may be asked wherever they are.
        package var named: Set<String>

        package init(
            client: HTTPClient, meter: TrafficCounter?, directory: String, named: Set<String>,
            authorization: @escaping @Sendable (URL, Bool) throws(DeployError) -> Authorization?
        ) {
            (self.client, self.meter, self.directory) = (client, meter, directory)
            (self.named, self.authorization) = (named, authorization)
        }
    }

    /// The Space's repository on the Hub.
    package struct Space: Sendable {
        package var url: URL
        package var name: String
        package var authorization: Authorization?
        package var branch: String

        package init(at url: URL, named name: String, authorization: Authorization?, branch: String) {
            (self.url, self.name) = (url, name)
            (self.authorization, self.branch) = (authorization, branch)
        }
    }

    let source: any GitSource
    let store: ObjectStore
    let access: Access
    /// nil where no Hub is asked (`check`).
    let hub: LFSClient?
    /// Whether objects may be sent: it is asked as for an upload then, and the links serve it.
    let isWritable: Bool
    /// Links of the source's servers to what is not on this machine, by the object's id.
    var links: [String: (server: LFSClient, link: LFSAction)] = [:]

    package init(
        from source: any GitSource, in store: ObjectStore, to space: Space?, isWritable: Bool,
        _ access: Access
    ) {
        (self.source, self.store, self.access, self.isWritable) = (source, store, access, isWritable)
        hub = space.map { space in
            let party = RemoteDescription(
                role: .space, name: space.name, host: Origin(space.url)?.hostAndPort ?? "the Hub")
            return LFSClient(
                url: URL(string: space.url.absoluteString + ".git/info/lfs") ?? space.url,
                client: access.client,
                authorization: space.authorization, meter: access.meter, party: party,
                reference: "refs/heads/\(space.branch)")
        }
    }

    package func missingObjects(among files: [LFSFile], of snapshot: SourceSnapshot) async throws(DeployError)
        -> [MissingLFSObject]
    {
        let pointed = files.filter { $0.content == .object }
        guard !pointed.isEmpty else { return [] }
        return try await find(pointed, in: await source.lfsEndpoints(of: snapshot.commit))
    }
}

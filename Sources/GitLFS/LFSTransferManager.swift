import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// Transfers LFS objects from a source to the Space's storage: local files and blobs directly,
/// objects of the source's server through a spool file. Only Git blobs may be held in memory as a
/// whole.
package actor LFSTransferManager: LFSTransferring {
    /// The dependencies of the transfer manager: HTTP client, limits, cache directory and
    /// credentials.
    package struct Access: Sendable {
        package var client: HTTPClient
        package var meter: TrafficCounter?
        /// The number of concurrent transfers.
        package var jobs = 4
        /// Shared by the transfer managers of a run, so that only one large blob at a time is held
        /// in memory.
        package var largeFileMutex = AsyncMutex()
        /// The cache directory, where spool files are created.
        package var directory: String
        /// Returns the credentials for a source's LFS server, by the requested URL and whether only
        /// a file of the source names the server.
        package var authorization: @Sendable (URL, _ isForeign: Bool) throws(DeployError) -> Authorization?
        /// Hosts in the operator's configuration, which may be contacted in private networks, too.
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
    /// The Hub's LFS server; `nil` if the Hub is not contacted (`check`).
    let hub: LFSClient?
    /// Whether objects may be uploaded.
    let isWritable: Bool
    /// Download links for objects that are not on this machine, by the object's id.
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
        let pointerFiles = files.filter { $0.content == .object }
        guard !pointerFiles.isEmpty else { return [] }
        return try await find(pointerFiles, in: await source.lfsEndpoints(of: snapshot.commit))
    }
}

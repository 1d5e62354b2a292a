import Essentials
import HTTP
import SpacesModel

/// The Space's repository on the Hub, over the leanest wire that its server takes: a deploy is three requests, or two
/// when the cache knows the Space.
package actor GitSpace: SpaceRepository, SmartHTTPReader {
    let store: ObjectStore
    var remote: SmartHTTPRemote
    private let isWritable: Bool
    let strategyCache: FetchStrategyCache?
    /// What the last advertisement for writing offered.
    var offered: Capabilities?
    /// The head that `state` saw last.
    private var head: ObjectID?

    /// - Parameters:
    ///   - url: the Space's remote, such as `https://huggingface.co/spaces/owner/name`.
    ///   - name: the Space as its user knows it.
    ///   - authorization: Basic, sent from the first request on.
    ///   - isWritable: whether a push may follow; without, no right to write is asked for.
    package init(
        at url: URL, named name: String, store: ObjectStore, client: HTTPClient,
        authorization: Authorization? = nil, meter: TrafficCounter? = nil, isWritable: Bool,
        cache: Cache? = nil,
        agent: String = "spacesync"
    ) {
        self.store = store
        self.isWritable = isWritable
        strategyCache = cache.map { FetchStrategyCache(directory: $0.path) }
        let party = RemoteDescription(role: .space, name: name, host: Origin(url)?.hostAndPort ?? "the Hub")
        remote = SmartHTTPRemote(
            url: url, client: client, authorization: authorization, meter: meter, party: party, agent: agent)
    }

    package func fetchHead(of branch: String) async throws(DeployError) -> SpaceHead {
        let reference = "refs/heads/\(branch)"
        let offer = try await isWritable ? advertisement(of: .receivePack) : listing(of: reference)
        head = offer[reference]
        guard let head else { return SpaceHead(head: nil) }
        try await fetchTrees(of: head)
        return SpaceHead(head: try await store.commit(head))
    }

    package func storedHead(at knownHead: ObjectID) async -> SpaceHead? {
        guard (try? await store.containsTrees(of: knownHead)) == true,
            let commit = try? await store.commit(knownHead)
        else {
            return nil
        }
        head = knownHead
        return SpaceHead(head: commit)
    }

    package func lastHead() async -> Commit? {
        guard let tip = await store.lastTip() else { return nil }
        return try? await store.commit(tip)
    }

    func advertisement(of service: SmartHTTPRemote.Service) async throws(DeployError) -> RefAdvertisement {
        var asking = remote
        let offer = try await asking.advertisement(of: service)
        remote.url = asking.url
        if service == .receivePack { offered = offer.capabilities }
        return offer
    }

    func listing(of reference: String) async throws(DeployError) -> RefAdvertisement {
        var asking = remote
        let offer = try await asking.references([reference], strategyCache: strategyCache)
        remote.url = asking.url
        return offer
    }

    /// Brings a commit and all its trees, such as those of an earlier deploy, into the store.
    package func fetchTrees(of commit: ObjectID) async throws(DeployError) {
        try await fetchMissingTrees(of: commit)
    }

    package func fetchBlobs(_ blobs: [ObjectID]) async throws(DeployError) {
        let absent = try await store.missingObjects(of: blobs)
        guard !absent.isEmpty else { return }
        guard let head else {
            throw DeployError(.internalError, "blobs of a Space without a commit were asked for")
        }
        // A store that was started over lost the trees too.
        try await fetchTrees(of: head)
        let wish = SmartHTTPRemote.FetchSpec(objects: absent, commit: head, label: "blobs")
        try await fetch(wish) { [store] () throws(DeployError) in
            try await store.missingObjects(of: absent).isEmpty
        }
    }
}

extension Origin {
    /// The host, with the port where it says something.
    package var hostAndPort: String { [80, 443].contains(port) ? host : "\(host):\(port)" }
}

import Essentials
import HTTP
import SpacesModel

/// The Space's Git repository on the Hub. Uses the most efficient protocol that the server
/// supports: a deploy takes three requests, or two if the cache has the Space.
package actor GitSpace: SpaceRepository, SmartHTTPReader {
    let store: ObjectStore
    var remote: SmartHTTPRemote
    private let isWritable: Bool
    let strategyCache: FetchStrategyCache?
    /// The capabilities in the last advertisement of `git-receive-pack`.
    var offered: Capabilities?
    /// The head that `fetchHead` or `storedHead` returned last.
    private var head: ObjectID?

    /// - Parameters:
    ///   - url: the Space's remote, such as `https://huggingface.co/spaces/owner/name`.
    ///   - name: the Space's display name, for messages.
    ///   - authorization: Basic credentials, sent with every request from the first one on.
    ///   - isWritable: whether a push may follow; if not, no write permission is requested.
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
        let refs = try await isWritable ? advertisement(of: .receivePack) : listing(of: reference)
        head = refs[reference]
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
        var updatedRemote = remote
        let refs = try await updatedRemote.advertisement(of: service)
        remote.url = updatedRemote.url
        if service == .receivePack { offered = refs.capabilities }
        return refs
    }

    func listing(of reference: String) async throws(DeployError) -> RefAdvertisement {
        var updatedRemote = remote
        let refs = try await updatedRemote.references([reference], strategyCache: strategyCache)
        remote.url = updatedRemote.url
        return refs
    }

    /// Fetches a commit and all its trees into the store, such as those of an earlier deploy.
    package func fetchTrees(of commit: ObjectID) async throws(DeployError) {
        try await fetchMissingTrees(of: commit)
    }

    package func fetchBlobs(_ blobs: [ObjectID]) async throws(DeployError) {
        let missing = try await store.missingObjects(of: blobs)
        guard !missing.isEmpty else { return }
        guard let head else {
            throw DeployError(.internalError, "blobs of a Space without a commit were requested")
        }
        // A store that was recreated has lost the trees too.
        try await fetchTrees(of: head)
        let spec = SmartHTTPRemote.FetchSpec(objects: missing, commit: head, label: "blobs")
        try await fetch(spec) { [store] () throws(DeployError) in
            try await store.missingObjects(of: missing).isEmpty
        }
    }
}

extension Origin {
    /// The host, with the port unless it is 80 or 443.
    package var hostAndPort: String { [80, 443].contains(port) ? host : "\(host):\(port)" }
}

extension GitSpace {
    /// Returns the branch's newest commits without trees or files: at most `limit`, newest first,
    /// along first parents. Empty if the branch has no commit. Takes two requests, or one if the
    /// store has the commits.
    package func commits(of branch: String, limit: Int) async throws(DeployError) -> [Commit] {
        let reference = "refs/heads/\(branch)"
        guard limit > 0, let head = try await listing(of: reference)[reference] else { return [] }
        if let cached = await store.chain(from: head, limit: limit) { return cached }
        let spec = SmartHTTPRemote.FetchSpec(
            objects: [], commit: head, filter: .trees, depth: limit, label: "history")
        try await fetch(spec) { [store] in await store.chain(from: head, limit: limit) != nil }
        return await store.chain(from: head, limit: limit) ?? []
    }

    /// Downloads a file from the Hub's `resolve` endpoint, which redirects to the storage
    /// (hub-api.md 3.4).
    package func content(
        ofLargeFile path: Path, at commit: ObjectID, limit: Int
    ) async throws(DeployError) -> [UInt8]? {
        // A path that is not UTF-8 has no URL.
        guard let text = String(validating: path.bytes, as: UTF8.self) else { return nil }
        let name = text.percentEncoded(keeping: "-._~/")
        var request = HTTPClientRequest(
            "GET", remote.url.appending("resolve/\(commit)/\(name)"), authorization: bearer,
            responseLimit: limit)
        request.deadline = .seconds(300)
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await remote.client.send(request, meter: remote.meter) } catch {
            if case .tooLong = error { return nil }
            throw remote.party.failure(error)
        }
        guard response.isSuccess else {
            guard response.status == 404 else {
                throw remote.party.failure(
                    response, service: .uploadPack, hasToken: remote.authorization != nil)
            }
            return nil
        }
        return Array(response.body)
    }

    /// The token as a bearer token, which the Hub's other endpoints expect.
    private var bearer: Authorization? {
        guard case .basic(_, let token)? = remote.authorization else { return remote.authorization }
        return .bearer(token)
    }
}

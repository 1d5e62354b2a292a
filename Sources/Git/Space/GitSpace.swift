import Essentials
import HTTP
import SpacesModel

/// The Space's repository on the Hub, over the leanest wire that its server takes: a deploy is three requests, or two
/// when the cache knows the Space.
package actor GitSpace: SpaceWriting, RemoteReading {
    let store: ObjectStore
    var remote: SmartRemote
    private let isWritable: Bool
    let memory: HostMemory?
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
        at url: URL, named name: String, store: ObjectStore, client: Client,
        authorization: Authorization? = nil, meter: Meter? = nil, isWritable: Bool, cache: Cache? = nil,
        agent: String = "spacesync"
    ) {
        self.store = store
        self.isWritable = isWritable
        memory = cache.map { HostMemory(directory: $0.path) }
        let party = Party(role: .space, name: name, host: Origin(url)?.shown ?? "the Hub")
        remote = SmartRemote(
            url: url, client: client, authorization: authorization, meter: meter, party: party, agent: agent)
    }

    package func state(of branch: String) async throws(Failure) -> SpaceState {
        let reference = "refs/heads/\(branch)"
        let offer = try await isWritable ? advertisement(of: .receivePack) : listing(of: reference)
        head = offer[reference]
        guard let head else { return SpaceState(head: nil) }
        try await bringTrees(of: head)
        return SpaceState(head: try await store.commit(head))
    }

    package func state(at told: ObjectID) async -> SpaceState? {
        guard (try? await store.holdsTrees(of: told)) == true, let commit = try? await store.commit(told)
        else {
            return nil
        }
        head = told
        return SpaceState(head: commit)
    }

    package func lastHead() async -> Commit? {
        guard let tip = await store.lastTip() else { return nil }
        return try? await store.commit(tip)
    }

    func advertisement(of service: SmartRemote.Service) async throws(Failure) -> Advertisement {
        var asking = remote
        let offer = try await asking.advertisement(of: service)
        remote.url = asking.url
        if service == .receivePack { offered = offer.capabilities }
        return offer
    }

    func listing(of reference: String) async throws(Failure) -> Advertisement {
        var asking = remote
        let offer = try await asking.references([reference], memory: memory)
        remote.url = asking.url
        return offer
    }

    /// Brings a commit and all its trees, such as those of an earlier deploy, into the store.
    package func bringTrees(of commit: ObjectID) async throws(Failure) { try await fetchTrees(of: commit) }

    package func bring(_ blobs: [ObjectID]) async throws(Failure) {
        let absent = try await store.absent(of: blobs)
        guard !absent.isEmpty else { return }
        guard let head else {
            throw Failure(.internalFault, "blobs of a Space without a commit were asked for")
        }
        // A store that was started over lost the trees too.
        try await bringTrees(of: head)
        let wish = SmartRemote.Wish(objects: absent, commit: head, label: "blobs")
        try await fetch(wish) { [store] () throws(Failure) in
            try await store.absent(of: absent).isEmpty
        }
    }
}

extension Origin {
    /// The host, with the port where it says something.
    package var shown: String { [80, 443].contains(port) ? host : "\(host):\(port)" }
}

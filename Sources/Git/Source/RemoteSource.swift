import Essentials
import HTTP
import SpacesModel
import TextTools

/// A repository behind smart HTTP as a source: of each wanted commit its trees and blobs, no history.
package actor RemoteSource: GitSource, SmartHTTPReader {
    let store: ObjectStore
    var remote: SmartHTTPRemote
    let strategyCache: FetchStrategyCache?
    private let name: String
    private let helper: (@Sendable () async -> Authorization?)?
    /// What the server told last. It serves whoever asks soon after: several targets of one run, and the snapshot that
    /// follows a look at a file.
    private var lastAdvertisement: (offer: RefAdvertisement, at: ContinuousClock.Instant)?
    static let freshness = Duration.seconds(20)
    /// Several targets of one run ask at once: what the first is told and brought serves the others.
    let fetchMutex = AsyncMutex()

    package var objects: AlternateObjects { get async { await store.asAlternate(named: name) } }

    static func open(at url: URL, _ access: SourceEnvironment) async throws(DeployError) -> RemoteSource {
        let address = url.withoutUser
        let store = try await access.cache.store(for: address.absoluteString)
        let name = RepositoryName.displayName(address.absoluteString)
        var party = RemoteDescription(role: .source, name: name, host: Origin(address)?.hostAndPort ?? name)
        party.origin = "\(address.scheme ?? "https")://\(party.host)"
        var remote = SmartHTTPRemote(
            url: address, client: access.client, authorization: access.authorization ?? url.userAuthorization,
            meter: access.meter, party: party, agent: access.agent)
        remote.allowedAddresses = access.allowedAddresses
        return RemoteSource(
            remote, store, FetchStrategyCache(directory: access.cache.path), name, access.helper)
    }

    private init(
        _ remote: SmartHTTPRemote, _ store: ObjectStore, _ strategyCache: FetchStrategyCache, _ name: String,
        _ helper: (@Sendable () async -> Authorization?)?
    ) {
        (self.remote, self.store, self.strategyCache, self.name) = (remote, store, strategyCache, name)
        self.helper = helper
    }

    package func snapshot(of revision: String?) async throws(DeployError) -> SourceSnapshot {
        let found = try find(revision, in: try await advertisement())
        try await fetchTrees(of: found.id)
        var snapshot = SourceSnapshot(
            commit: try await store.commit(found.id), branch: found.branch, repository: name, uncommitted: 0)
        snapshot.isFixed = found.isFixed
        snapshot.fetchBlobs = { (blobs) async throws(DeployError) in
            try await self.fetchBlobs(blobs, of: found.id)
        }
        return snapshot
    }

    private func fetchTrees(of commit: ObjectID) async throws(DeployError) {
        try await fetchMutex.withLock { () async throws(DeployError) in
            try await fetchMissingTrees(of: commit)
        }
    }

    /// Blobs that a commit leads to: by their names, or with all that it holds where most of that is wanted.
    private func fetchBlobs(_ blobs: [ObjectID], of commit: ObjectID) async throws(DeployError) {
        try await fetchMutex.withLock { () async throws(DeployError) in
            var absent: [ObjectID] = []
            for blob in blobs where await !store.contains(blob) { absent.append(blob) }
            if !absent.isEmpty { try await fetchBlobsLocked(absent, of: commit) }
        }
    }

    private func fetchBlobsLocked(_ blobs: [ObjectID], of commit: ObjectID) async throws(DeployError) {
        guard blobs.count <= Self.maxBlobsByID else { return try await fetchComplete(commit) }
        let wish = SmartHTTPRemote.FetchSpec(objects: blobs, commit: commit, label: "blobs")
        try await fetch(wish) { [store] in
            for blob in blobs where await !store.contains(blob) { return false }
            return true
        }
    }

    /// A question of 50 bytes for each.
    private static let maxBlobsByID = 2_000

    private func fetchComplete(_ id: ObjectID) async throws(DeployError) {
        if try await !store.containsComplete(id, blobs: true) {
            let known = await store.lastComplete()
            let wish = SmartHTTPRemote.FetchSpec(objects: [], commit: id, label: "source", known: known)
            try await fetch(wish) { [store] () throws(DeployError) in
                try await store.containsComplete(id, blobs: true)
            }
        }
        await store.rememberComplete(id)
    }

    /// Asks the server for the commit alone, without its tree.
    package func lookUp(commit: ObjectID) async -> CommitPresence {
        do throws(DeployError) {
            let wish = SmartHTTPRemote.FetchSpec(
                objects: [], commit: commit, filter: .trees, depth: 1, label: "commit")
            try await fetchMutex.withLock { () async throws(DeployError) in
                guard await !store.contains(commit) else { return }
                try await fetch(wish) { [store] in await store.contains(commit) }
            }
            return await store.contains(commit) ? .present : .absent
        } catch { return error.kind == .source ? .absent : .unknown }
    }

    /// Asks the server for commits without their trees, in one request. One that cannot leave trees out is not asked.
    package func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] {
        guard let first = tips.first else { return [] }
        for wanted in tips.count > 1 ? [tips, [first]] : [tips] {
            var wish = SmartHTTPRemote.FetchSpec(
                objects: [], commit: first, filter: .trees, depth: limit, label: "commits")
            (wish.others, wish.needsFilter) = (Array(wanted.dropFirst()), true)
            do throws(DeployError) {
                try await fetchMutex.withLock { () async throws(DeployError) in
                    try await fetch(wish) { [store] in await store.contains(first) }
                }
            } catch { continue }
            var commits: [Commit] = []
            for tip in wanted { commits += await store.newestCommits(from: tip, limit: limit) }
            return commits
        }
        return []
    }

    package func file(named name: Path, at revision: String?, limit: Int) async throws(DeployError)
        -> [UInt8]?
    {
        let offer = try await advertisement()
        guard !offer.references.isEmpty else { return nil }
        let id = try find(revision, in: offer).id
        try await fetchTrees(of: id)
        let entries = try await store.entries(of: try await store.commit(id).tree)
        let isFile = { (entry: TreeEntry) in entry.kind.isBlob && entry.kind != .symlink }
        guard let entry = entries.first(where: { $0.name == name && isFile($0) }) else { return nil }
        try await fetchBlobs([entry.id], of: id)
        guard try await store.size(of: entry.id) <= limit else {
            throw DeployError(.source, "\(name) of \(self.name) is longer than \(limit >> 10) KiB")
        }
        return try await store.content(of: entry.id)
    }

    package func lfsEndpoints(of commit: Commit) async -> LFSEndpoints {
        let entries = (try? await store.entries(of: commit.tree)) ?? []
        let entry = entries.first { $0.name == ".lfsconfig" && $0.kind.isBlob }
        var file: [UInt8]?
        if let entry {
            try? await fetchBlobs([entry.id], of: commit.id)
            file = try? await store.content(of: entry.id)
        }
        var places = LFSEndpoints(ofRemote: remote.url.absoluteString, lfsConfig: file, remote.authorization)
        // What untrusted settings name leads to servers that are as little trusted.
        if remote.allowedAddresses != .any {
            for index in places.servers.indices { places.servers[index].isForeign = true }
        }
        return places
    }

    private func advertisement() async throws(DeployError) -> RefAdvertisement {
        try await fetchMutex.withLock { () async throws(DeployError) in try await advertisementLocked() }
    }

    private func advertisementLocked() async throws(DeployError) -> RefAdvertisement {
        if let lastAdvertisement, lastAdvertisement.at.duration(to: .now) < Self.freshness {
            return lastAdvertisement.offer
        }
        let offer: RefAdvertisement
        do throws(DeployError) { offer = try await requestAdvertisement() } catch {
            guard error.kind == .permissionDenied, remote.authorization == nil, let found = await helper?()
            else {
                throw error
            }
            remote.authorization = found
            offer = try await requestAdvertisement()
        }
        lastAdvertisement = (offer, .now)
        return offer
    }

    private func requestAdvertisement() async throws(DeployError) -> RefAdvertisement {
        var asking = remote
        let offer = try await asking.references(
            ["HEAD", "refs/heads/", "refs/tags/"], strategyCache: strategyCache)
        remote.url = asking.url
        return offer
    }

    package func forget() { lastAdvertisement = nil }

    private func find(_ revision: String?, in offer: RefAdvertisement) throws(DeployError) -> (
        id: ObjectID, branch: String?, isFixed: Bool
    ) {
        guard !offer.references.isEmpty else {
            throw DeployError(
                .source, "the repository at \(name) has no commit yet", hint: "push a branch to it first")
        }
        if let found = offer.find(revision) {
            let isTag = revision.map { offer["refs/tags/\($0)"] != nil && offer["refs/heads/\($0)"] == nil }
            return (found.id, found.branch, found.branch == nil || isTag == true)
        }
        throw RefNames.missing(revision ?? "HEAD", among: offer.names, in: "the repository at \(name)")
    }
}

import Essentials
import HTTP
import SpacesModel
import TextTools

/// A repository behind smart HTTP as the source. Fetches the trees and blobs of each commit,
/// without history.
package actor RemoteSource: GitSource, SmartHTTPReader {
    let store: ObjectStore
    var remote: SmartHTTPRemote
    let strategyCache: FetchStrategyCache?
    private let name: String
    private let helper: (@Sendable () async -> Authorization?)?
    /// The last advertisement. It is reused for a short time: by several targets of one run, and by
    /// the snapshot that follows the read of a file.
    private var lastAdvertisement: (refs: RefAdvertisement, at: ContinuousClock.Instant)?
    static let freshness = Duration.seconds(20)
    /// Serialises fetches: several targets of one run share the result of the first.
    let fetchMutex = AsyncMutex()

    package var objects: AlternateObjects { get async { await store.asAlternate(named: name) } }

    static func open(at url: URL, _ access: SourceEnvironment) async throws(DeployError) -> RemoteSource {
        let address = url.withoutUser
        let store = try await access.cache.store(for: address.absoluteString)
        let name = RepositoryName.displayName(address.absoluteString)
        var description = RemoteDescription(
            role: .source, name: name, host: Origin(address)?.hostAndPort ?? name)
        description.origin = "\(address.scheme ?? "https")://\(description.host)"
        var remote = SmartHTTPRemote(
            url: address, client: access.client, authorization: access.authorization ?? url.userAuthorization,
            meter: access.meter, party: description, agent: access.agent)
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
        let resolved = try find(revision, in: try await advertisement())
        try await fetchTrees(of: resolved.id)
        var snapshot = SourceSnapshot(
            commit: try await store.commit(resolved.id), branch: resolved.branch, repository: name,
            uncommitted: 0)
        snapshot.isFixed = resolved.isFixed
        snapshot.fetchBlobs = { (blobs) async throws(DeployError) in
            try await self.fetchBlobs(blobs, of: resolved.id)
        }
        return snapshot
    }

    private func fetchTrees(of commit: ObjectID) async throws(DeployError) {
        try await fetchMutex.withLock { () async throws(DeployError) in
            try await fetchMissingTrees(of: commit)
        }
    }

    /// Fetches blobs of a commit: by id, or the complete commit if there are too many.
    private func fetchBlobs(_ blobs: [ObjectID], of commit: ObjectID) async throws(DeployError) {
        try await fetchMutex.withLock { () async throws(DeployError) in
            var missing: [ObjectID] = []
            for blob in blobs where await !store.contains(blob) { missing.append(blob) }
            if !missing.isEmpty { try await fetchBlobsLocked(missing, of: commit) }
        }
    }

    private func fetchBlobsLocked(_ blobs: [ObjectID], of commit: ObjectID) async throws(DeployError) {
        guard blobs.count <= Self.maxBlobsByID else { return try await fetchComplete(commit) }
        let spec = SmartHTTPRemote.FetchSpec(objects: blobs, commit: commit, label: "blobs")
        try await fetch(spec) { [store] in
            for blob in blobs where await !store.contains(blob) { return false }
            return true
        }
    }

    /// The maximum number of blobs to request by id, at 50 bytes of request each.
    private static let maxBlobsByID = 2_000

    private func fetchComplete(_ id: ObjectID) async throws(DeployError) {
        if try await !store.containsComplete(id, blobs: true) {
            let known = await store.lastComplete()
            let spec = SmartHTTPRemote.FetchSpec(objects: [], commit: id, label: "source", known: known)
            try await fetch(spec) { [store] () throws(DeployError) in
                try await store.containsComplete(id, blobs: true)
            }
        }
        await store.rememberComplete(id)
    }

    /// Asks the server for the commit only, without its tree.
    package func lookUp(commit: ObjectID) async -> CommitPresence {
        do throws(DeployError) {
            let spec = SmartHTTPRemote.FetchSpec(
                objects: [], commit: commit, filter: .trees, depth: 1, label: "commit")
            try await fetchMutex.withLock { () async throws(DeployError) in
                guard await !store.contains(commit) else { return }
                try await fetch(spec) { [store] in await store.contains(commit) }
            }
            return await store.contains(commit) ? .present : .absent
        } catch { return error.kind == .source ? .absent : .unknown }
    }

    /// Fetches commits without their trees, in one request. Servers without filter support are not
    /// asked.
    package func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] {
        guard let first = tips.first else { return [] }
        for candidates in tips.count > 1 ? [tips, [first]] : [tips] {
            var spec = SmartHTTPRemote.FetchSpec(
                objects: [], commit: first, filter: .trees, depth: limit, label: "commits")
            (spec.others, spec.needsFilter) = (Array(candidates.dropFirst()), true)
            do throws(DeployError) {
                try await fetchMutex.withLock { () async throws(DeployError) in
                    try await fetch(spec) { [store] in await store.contains(first) }
                }
            } catch { continue }
            var commits: [Commit] = []
            for tip in candidates { commits += await store.newestCommits(from: tip, limit: limit) }
            return commits
        }
        return []
    }

    package func file(named name: Path, at revision: String?, limit: Int) async throws(DeployError)
        -> [UInt8]?
    {
        let refs = try await advertisement()
        guard !refs.references.isEmpty else { return nil }
        let id = try find(revision, in: refs).id
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
        var endpoints = LFSEndpoints(
            ofRemote: remote.url.absoluteString, lfsConfig: file, remote.authorization)
        // Servers named by files of an untrusted source are not trusted either.
        if remote.allowedAddresses != .any {
            for index in endpoints.servers.indices { endpoints.servers[index].isForeign = true }
        }
        return endpoints
    }

    private func advertisement() async throws(DeployError) -> RefAdvertisement {
        try await fetchMutex.withLock { () async throws(DeployError) in try await advertisementLocked() }
    }

    private func advertisementLocked() async throws(DeployError) -> RefAdvertisement {
        if let lastAdvertisement, lastAdvertisement.at.duration(to: .now) < Self.freshness {
            return lastAdvertisement.refs
        }
        let refs: RefAdvertisement
        do throws(DeployError) { refs = try await requestAdvertisement() } catch {
            guard error.kind == .permissionDenied, remote.authorization == nil,
                let authorization = await helper?()
            else {
                throw error
            }
            remote.authorization = authorization
            refs = try await requestAdvertisement()
        }
        lastAdvertisement = (refs, .now)
        return refs
    }

    private func requestAdvertisement() async throws(DeployError) -> RefAdvertisement {
        var updatedRemote = remote
        let refs = try await updatedRemote.references(
            ["HEAD", "refs/heads/", "refs/tags/"], strategyCache: strategyCache)
        remote.url = updatedRemote.url
        return refs
    }

    package func forget() { lastAdvertisement = nil }

    private func find(_ revision: String?, in refs: RefAdvertisement) throws(DeployError) -> (
        id: ObjectID, branch: String?, isFixed: Bool
    ) {
        guard !refs.references.isEmpty else {
            throw DeployError(
                .source, "the repository at \(name) has no commit yet", hint: "push a branch to it first")
        }
        if let match = refs.find(revision) {
            let isTag = revision.map { refs["refs/tags/\($0)"] != nil && refs["refs/heads/\($0)"] == nil }
            return (match.id, match.branch, match.branch == nil || isTag == true)
        }
        throw RefNames.missing(revision ?? "HEAD", among: refs.names, in: "the repository at \(name)")
    }
}

extension RemoteSource {
    /// Fetches the ancestors of a commit, deepening a shallow fetch. Objects that the store already
    /// has are not sent again.
    package func fetchHistory(of commit: ObjectID) async throws(DeployError) {
        try await fetchMutex.withLock { () async throws(DeployError) in
            try await fetchHistoryLocked(of: commit)
        }
    }

    private func fetchHistoryLocked(of commit: ObjectID) async throws(DeployError) {
        let lastCommit = await store.lastHistory()
        guard lastCommit != commit else { return }
        let isComplete = try await store.containsComplete(commit, blobs: true)
        let spec = SmartHTTPRemote.FetchSpec(
            objects: [], commit: commit, depth: FetchRequest.infiniteDepth, label: "history-of-source",
            known: isComplete ? commit : nil,
            haves: [lastCommit].compactMap { $0 })
        try await fetch(spec) { [store] in await store.containsHistory(of: commit) }
        await store.rememberHistory(commit)
    }
}

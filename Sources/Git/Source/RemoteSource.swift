import Essentials
import HTTP
import SpacesModel
import TextTools

/// A repository behind smart HTTP as a source: of each wanted commit its trees and blobs, no history.
package actor RemoteSource: GitSource, RemoteReading {
    let store: ObjectStore
    var remote: SmartRemote
    let memory: HostMemory?
    private let name: String
    private let helper: (@Sendable () async -> Authorization?)?
    /// What the server told last. It serves whoever asks soon after: several targets of one run, and the snapshot that
    /// follows a look at a file.
    private var told: (offer: Advertisement, at: ContinuousClock.Instant)?
    static let freshness = Duration.seconds(20)
    /// Several targets of one run ask at once: what the first is told and brought serves the others.
    let turns = Turns()

    package var objects: JoinedObjects { get async { await store.asJoined(named: name) } }

    static func open(at url: URL, _ access: SourceAccess) async throws(Failure) -> RemoteSource {
        let address = url.withoutUser
        let store = try await access.cache.store(for: address.absoluteString)
        let name = RepositoryName.shown(address.absoluteString)
        var party = Party(role: .source, name: name, host: Origin(address)?.shown ?? name)
        party.origin = "\(address.scheme ?? "https")://\(party.host)"
        var remote = SmartRemote(
            url: address, client: access.client, authorization: access.authorization ?? url.userAuthorization,
            meter: access.meter, party: party, agent: access.agent)
        remote.allowedAddresses = access.allowedAddresses
        return RemoteSource(remote, store, HostMemory(directory: access.cache.path), name, access.helper)
    }

    private init(
        _ remote: SmartRemote, _ store: ObjectStore, _ memory: HostMemory, _ name: String,
        _ helper: (@Sendable () async -> Authorization?)?
    ) {
        (self.remote, self.store, self.memory, self.name) = (remote, store, memory, name)
        self.helper = helper
    }

    package func snapshot(of revision: String?) async throws(Failure) -> Snapshot {
        let found = try find(revision, in: try await advertisement())
        try await bringTrees(of: found.id)
        var snapshot = Snapshot(
            commit: try await store.commit(found.id), branch: found.branch, repository: name, uncommitted: 0)
        snapshot.isFixed = found.isFixed
        snapshot.supply = { (blobs) async throws(Failure) in try await self.bring(blobs, of: found.id) }
        return snapshot
    }

    private func bringTrees(of commit: ObjectID) async throws(Failure) {
        try await turns.take { () async throws(Failure) in try await fetchTrees(of: commit) }
    }

    /// Blobs that a commit leads to: by their names, or with all that it holds where most of that is wanted.
    private func bring(_ blobs: [ObjectID], of commit: ObjectID) async throws(Failure) {
        try await turns.take { () async throws(Failure) in
            var absent: [ObjectID] = []
            for blob in blobs where await !store.holds(blob) { absent.append(blob) }
            if !absent.isEmpty { try await bringNow(absent, of: commit) }
        }
    }

    private func bringNow(_ blobs: [ObjectID], of commit: ObjectID) async throws(Failure) {
        guard blobs.count <= Self.mostByName else { return try await bringWhole(commit) }
        let wish = SmartRemote.Wish(objects: blobs, commit: commit, label: "blobs")
        try await fetch(wish) { [store] in
            for blob in blobs where await !store.holds(blob) { return false }
            return true
        }
    }

    /// A question of 50 bytes for each.
    private static let mostByName = 2_000

    private func bringWhole(_ id: ObjectID) async throws(Failure) {
        if try await !store.holdsWhole(id, blobs: true) {
            let known = await store.lastWhole()
            let wish = SmartRemote.Wish(objects: [], commit: id, label: "source", known: known)
            try await fetch(wish) { [store] () throws(Failure) in
                try await store.holdsWhole(id, blobs: true)
            }
        }
        await store.rememberWhole(id)
    }

    /// Asks the server for the commit alone, without its tree.
    package func knows(commit: ObjectID) async -> CommitKnowledge {
        do throws(Failure) {
            let wish = SmartRemote.Wish(
                objects: [], commit: commit, filter: .trees, depth: 1, label: "commit")
            try await turns.take { () async throws(Failure) in
                guard await !store.holds(commit) else { return }
                try await fetch(wish) { [store] in await store.holds(commit) }
            }
            return await store.holds(commit) ? .held : .absent
        } catch { return error.kind == .source ? .absent : .unknown }
    }

    /// Asks the server for commits without their trees, in one request. One that cannot leave trees out is not asked.
    package func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] {
        guard let first = tips.first else { return [] }
        for wanted in tips.count > 1 ? [tips, [first]] : [tips] {
            var wish = SmartRemote.Wish(
                objects: [], commit: first, filter: .trees, depth: limit, label: "commits")
            (wish.others, wish.needsFilter) = (Array(wanted.dropFirst()), true)
            do throws(Failure) {
                try await turns.take { () async throws(Failure) in
                    try await fetch(wish) { [store] in await store.holds(first) }
                }
            } catch { continue }
            var commits: [Commit] = []
            for tip in wanted { commits += await store.newestCommits(from: tip, limit: limit) }
            return commits
        }
        return []
    }

    package func file(named name: Path, at revision: String?, limit: Int) async throws(Failure) -> [UInt8]? {
        let offer = try await advertisement()
        guard !offer.references.isEmpty else { return nil }
        let id = try find(revision, in: offer).id
        try await bringTrees(of: id)
        let entries = try await store.entries(of: try await store.commit(id).tree)
        let isFile = { (entry: TreeEntry) in entry.kind.isBlob && entry.kind != .symlink }
        guard let entry = entries.first(where: { $0.name == name && isFile($0) }) else { return nil }
        try await bring([entry.id], of: id)
        guard try await store.size(of: entry.id) <= limit else {
            throw Failure(.source, "\(name) of \(self.name) is longer than \(limit >> 10) KiB")
        }
        return try await store.content(of: entry.id)
    }

    package func largeFilePlaces(of commit: Commit) async -> LFSPlaces {
        let entries = (try? await store.entries(of: commit.tree)) ?? []
        let entry = entries.first { $0.name == ".lfsconfig" && $0.kind.isBlob }
        var file: [UInt8]?
        if let entry {
            try? await bring([entry.id], of: commit.id)
            file = try? await store.content(of: entry.id)
        }
        var places = LFSPlaces(ofRemote: remote.url.absoluteString, lfsConfig: file, remote.authorization)
        // What untrusted settings name leads to servers that are as little trusted.
        if remote.allowedAddresses != .any {
            for index in places.servers.indices { places.servers[index].isForeign = true }
        }
        return places
    }

    private func advertisement() async throws(Failure) -> Advertisement {
        try await turns.take { () async throws(Failure) in try await advertisementNow() }
    }

    private func advertisementNow() async throws(Failure) -> Advertisement {
        if let told, told.at.duration(to: .now) < Self.freshness { return told.offer }
        let offer: Advertisement
        do throws(Failure) { offer = try await ask() } catch {
            guard error.kind == .notAllowed, remote.authorization == nil, let found = await helper?() else {
                throw error
            }
            remote.authorization = found
            offer = try await ask()
        }
        told = (offer, .now)
        return offer
    }

    private func ask() async throws(Failure) -> Advertisement {
        var asking = remote
        let offer = try await asking.references(["HEAD", "refs/heads/", "refs/tags/"], memory: memory)
        remote.url = asking.url
        return offer
    }

    package func forget() { told = nil }

    private func find(_ revision: String?, in offer: Advertisement) throws(Failure) -> (
        id: ObjectID, branch: String?, isFixed: Bool
    ) {
        guard !offer.references.isEmpty else {
            throw Failure(
                .source, "the repository at \(name) has no commit yet", hint: "push a branch to it first")
        }
        if let found = offer.find(revision) {
            let isTag = revision.map { offer["refs/tags/\($0)"] != nil && offer["refs/heads/\($0)"] == nil }
            return (found.id, found.branch, found.branch == nil || isTag == true)
        }
        throw Names.missing(revision ?? "HEAD", among: offer.names, in: "the repository at \(name)")
    }
}

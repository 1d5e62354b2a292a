import SpacesModel
import TextTools

extension RemoteSource {
    /// What a snapshot fetched is deepened: the server sends what came before it, without what is at hand.
    package func fetchHistory(of commit: ObjectID) async throws(DeployError) {
        try await fetchMutex.withLock { () async throws(DeployError) in
            try await fetchHistoryLocked(of: commit)
        }
    }

    private func fetchHistoryLocked(of commit: ObjectID) async throws(DeployError) {
        let earlier = await store.lastHistory()
        guard earlier != commit else { return }
        let isWhole = try await store.containsComplete(commit, blobs: true)
        let wish = SmartHTTPRemote.FetchSpec(
            objects: [], commit: commit, depth: FetchRequest.infiniteDepth, label: "history-of-source",
            known: isWhole ? commit : nil,
            haves: [earlier].compactMap { $0 })
        try await fetch(wish) { [store] in await store.containsHistory(of: commit) }
        await store.rememberHistory(commit)
    }
}

/// A store of a source remembers the commit that it holds with all of its history.
extension ObjectStore {
    private static let historyRefName = "refs/spacesync/history"

    func lastHistory() -> ObjectID? {
        guard let commit = reference(Self.historyRefName), containsHistory(of: commit) else { return nil }
        return commit
    }

    func rememberHistory(_ commit: ObjectID) { setReference(Self.historyRefName, to: commit) }
}

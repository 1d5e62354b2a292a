import SpacesModel
import TextTools

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

/// A reference records the commit that the store of a source has with all of its history.
extension ObjectStore {
    private static let historyRefName = "refs/spacesync/history"

    func lastHistory() -> ObjectID? {
        guard let commit = reference(Self.historyRefName), containsHistory(of: commit) else { return nil }
        return commit
    }

    func rememberHistory(_ commit: ObjectID) { setReference(Self.historyRefName, to: commit) }
}

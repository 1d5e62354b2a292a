import SpacesModel
import TextTools

extension RemoteSource {
    /// What a snapshot fetched is deepened: the server sends what came before it, without what is at hand.
    package func bringHistory(of commit: ObjectID) async throws(Failure) {
        try await turns.take { () async throws(Failure) in try await bringHistoryNow(of: commit) }
    }

    private func bringHistoryNow(of commit: ObjectID) async throws(Failure) {
        let earlier = await store.lastHistory()
        guard earlier != commit else { return }
        let isWhole = try await store.holdsWhole(commit, blobs: true)
        let wish = SmartRemote.Wish(
            objects: [], commit: commit, depth: FetchRequest.whole, label: "history-of-source",
            known: isWhole ? commit : nil,
            haves: [earlier].compactMap { $0 })
        try await fetch(wish) { [store] in await store.holdsHistory(of: commit) }
        await store.rememberHistory(commit)
    }
}

/// A store of a source remembers the commit that it holds with all of its history.
extension ObjectStore {
    private static let historyName = "refs/spacesync/history"

    func lastHistory() -> ObjectID? {
        guard let commit = reference(Self.historyName), holdsHistory(of: commit) else { return nil }
        return commit
    }

    func rememberHistory(_ commit: ObjectID) { refer(Self.historyName, to: commit) }
}

import SpacesModel

/// An actor that fetches a repository over smart HTTP into a store: a Space or a source.
protocol SmartHTTPReader: Actor {
    var store: ObjectStore { get }
    var remote: SmartHTTPRemote { get set }
    var strategyCache: FetchStrategyCache? { get }
}

extension SmartHTTPReader {
    func fetch(
        _ spec: SmartHTTPRemote.FetchSpec, until isComplete: @Sendable () async throws(DeployError) -> Bool
    ) async throws(DeployError) {
        var updatedRemote = remote
        try await updatedRemote.fetch(spec, into: store, strategyCache: strategyCache, until: isComplete)
        remote.url = updatedRemote.url
    }

    /// Fetches a commit and all its trees into the store, except for trees that the last fetched
    /// commit already has.
    func fetchMissingTrees(of commit: ObjectID) async throws(DeployError) {
        let store = store
        guard try await !store.containsTrees(of: commit) else { return }
        let known = await store.lastTip()
        let spec = SmartHTTPRemote.FetchSpec(
            objects: [], commit: commit, filter: .blobs, label: "trees", known: known)
        try await fetch(spec) { () throws(DeployError) in try await store.containsTrees(of: commit) }
        await store.rememberTip(commit)
    }
}

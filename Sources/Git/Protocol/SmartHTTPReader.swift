import SpacesModel

/// Who reads a repository behind smart HTTP into a store: a Space, or a source.
protocol SmartHTTPReader: Actor {
    var store: ObjectStore { get }
    var remote: SmartHTTPRemote { get set }
    var strategyCache: FetchStrategyCache? { get }
}

extension SmartHTTPReader {
    func fetch(
        _ spec: SmartHTTPRemote.FetchSpec, until isComplete: @Sendable () async throws(DeployError) -> Bool
    ) async throws(DeployError) {
        var asking = remote
        try await asking.fetch(spec, into: store, strategyCache: strategyCache, until: isComplete)
        remote.url = asking.url
    }

    /// Brings a commit and all its trees into the store; of these only what the commit before it did not have.
    func fetchMissingTrees(of commit: ObjectID) async throws(DeployError) {
        let store = store
        guard try await !store.containsTrees(of: commit) else { return }
        let known = await store.lastTip()
        let wish = SmartHTTPRemote.FetchSpec(
            objects: [], commit: commit, filter: .blobs, label: "trees", known: known)
        try await fetch(wish) { () throws(DeployError) in try await store.containsTrees(of: commit) }
        await store.rememberTip(commit)
    }
}

import SpacesModel

/// Who reads a repository behind smart HTTP into a store: a Space, or a source.
protocol RemoteReading: Actor {
    var store: ObjectStore { get }
    var remote: SmartRemote { get set }
    var memory: HostMemory? { get }
}

extension RemoteReading {
    func fetch(
        _ wish: SmartRemote.Wish, until isThere: @Sendable () async throws(Failure) -> Bool
    ) async throws(Failure) {
        var asking = remote
        try await asking.fetch(wish, into: store, memory: memory, until: isThere)
        remote.url = asking.url
    }

    /// Brings a commit and all its trees into the store; of these only what the commit before it did not have.
    func fetchTrees(of commit: ObjectID) async throws(Failure) {
        let store = store
        guard try await !store.holdsTrees(of: commit) else { return }
        let known = await store.lastTip()
        let wish = SmartRemote.Wish(
            objects: [], commit: commit, filter: .blobs, label: "trees", known: known)
        try await fetch(wish) { () throws(Failure) in try await store.holdsTrees(of: commit) }
        await store.rememberTip(commit)
    }
}

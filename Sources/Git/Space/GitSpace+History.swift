import SpacesModel

extension GitSpace {
    /// The branch's newest commits, without trees or files: at most `limit`, newest first, along the first parents.
    /// None when the branch has no commit. Two requests, or one when they are at hand.
    package func commits(of branch: String, limit: Int) async throws(DeployError) -> [Commit] {
        let reference = "refs/heads/\(branch)"
        guard limit > 0, let head = try await listing(of: reference)[reference] else { return [] }
        if let known = await store.chain(from: head, limit: limit) { return known }
        let wish = SmartHTTPRemote.FetchSpec(
            objects: [], commit: head, filter: .trees, depth: limit, label: "history")
        try await fetch(wish) { [store] in await store.chain(from: head, limit: limit) != nil }
        return await store.chain(from: head, limit: limit) ?? []
    }
}

extension ObjectStore {
    /// A commit and its first parents; nil when one is not at hand.
    func chain(from head: ObjectID, limit: Int) -> [Commit]? {
        var (commits, next): ([Commit], ObjectID?) = ([], head)
        while let id = next, commits.count < limit {
            guard contains(id), let commit = try? commit(id) else { return nil }
            commits.append(commit)
            next = commit.parents.first
        }
        return commits
    }
}

import SpacesModel

extension GitSpace {
    /// Returns the branch's newest commits without trees or files: at most `limit`, newest first,
    /// along first parents. Empty if the branch has no commit. Takes two requests, or one if the
    /// store has the commits.
    package func commits(of branch: String, limit: Int) async throws(DeployError) -> [Commit] {
        let reference = "refs/heads/\(branch)"
        guard limit > 0, let head = try await listing(of: reference)[reference] else { return [] }
        if let cached = await store.chain(from: head, limit: limit) { return cached }
        let spec = SmartHTTPRemote.FetchSpec(
            objects: [], commit: head, filter: .trees, depth: limit, label: "history")
        try await fetch(spec) { [store] in await store.chain(from: head, limit: limit) != nil }
        return await store.chain(from: head, limit: limit) ?? []
    }
}

extension ObjectStore {
    /// Returns a commit and its first-parent ancestors; `nil` if one of them is missing.
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

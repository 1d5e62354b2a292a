import SpacesModel

extension ObjectStore {
    package func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) throws(DeployError) -> ObjectID?
    {
        guard !candidates.isEmpty else { return nil }
        do throws(GitError) {
            var walk = CommitWalk(from: tip)
            while let commit = try walk.next(in: store.database) {
                if candidates.contains(commit.id) { return commit.id }
            }
            return nil
        } catch { throw brokenHistory(of: tip, error) }
    }

    package func commits(from tip: ObjectID, beyond bases: [ObjectID]) throws(DeployError) -> [Commit] {
        do throws(GitError) {
            if let line = straightLine(from: tip, to: Set(bases)) { return line }
            return try CommitWalk.commits(from: tip, beyond: bases, in: store.database)
        } catch { throw brokenHistory(of: tip, error) }
    }

    package func newestCommits(from tip: ObjectID, limit: Int) -> [Commit] {
        CommitWalk.newest(limit, from: tip, in: store.database)
    }

    /// Returns the commits down to a base; `nil` if one of them is a merge. A walk that handles
    /// merges also reads commits behind a base, which may be missing in a shallow clone.
    private func straightLine(from tip: ObjectID, to bases: Set<ObjectID>) -> [Commit]? {
        guard !bases.isEmpty else { return nil }
        var (commits, next): ([Commit], ObjectID) = ([], tip)
        while !bases.contains(next) {
            guard let commit = try? store.database.commit(next), commit.parents.count == 1 else { return nil }
            commits.append(commit)
            next = commit.parents[0]
        }
        return commits.reversed()
    }

    /// Whether every ancestor of this commit is in the store.
    func containsHistory(of tip: ObjectID) -> Bool {
        guard contains(tip) else { return false }
        do {
            var walk = CommitWalk(from: tip)
            while try walk.next(in: store.database) != nil {}
            return true
        } catch { return false }
    }

    private func brokenHistory(of tip: ObjectID, _ error: GitError) -> DeployError {
        guard error.isMissing else { return unreadable(tip, error) }
        guard let shallow = sources.first(where: \.isShallow) else {
            return DeployError(
                .source, "the history of \(tip.short) is not whole", details: [error.message],
                hint: sources.first.map { "see what Git says of it: git -C \($0.path.shellQuoted) fsck" })
        }
        return DeployError(
            .source, "\(shallow.path) is a shallow clone: the history of \(tip.short) breaks off",
            details: ["history = source sends a commit with all that came before it"],
            hint: "git -C \(shallow.path.shellQuoted) fetch --unshallow (in GitHub Actions: fetch-depth: 0)")
    }
}

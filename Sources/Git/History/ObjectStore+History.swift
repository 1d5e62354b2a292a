internal import CGit2
import Deploy

extension ObjectStore: HistoryReading {
    package func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) throws(Failure) -> ObjectID? {
        guard !candidates.isEmpty else { return nil }
        do throws(GitError) {
            var walk = try CommitWalk(in: store, from: tip)
            while let id = try walk.next() {
                if candidates.contains(id) { return id }
            }
            return nil
        } catch { throw brokenHistory(of: tip, error) }
    }

    package func commits(from tip: ObjectID, beyond bases: [ObjectID]) throws(Failure) -> [Commit] {
        do throws(GitError) {
            if let line = straightLine(from: tip, to: Set(bases)) { return line }
            var walk = try CommitWalk(
                in: store, from: tip, beyond: bases, sorting: GIT_SORT_TOPOLOGICAL.rawValue)
            var commits: [Commit] = []
            while let id = try walk.next() { commits.append(try store.database.commit(id)) }
            return commits.reversed()
        } catch { throw brokenHistory(of: tip, error) }
    }

    /// The commits down to a base where none is a merge. libgit2 looks behind a base too, by dates, which in a shallow
    /// clone may not be there.
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

    /// Whether every commit that this one leads to is at hand.
    func holdsHistory(of tip: ObjectID) -> Bool {
        guard holds(tip) else { return false }
        do {
            var walk = try CommitWalk(in: store, from: tip)
            while try walk.next() != nil {}
            return true
        } catch { return false }
    }

    private func brokenHistory(of tip: ObjectID, _ error: GitError) -> Failure {
        guard error.isMissing else { return unreadable(tip, error) }
        guard let shallow = sources.first(where: \.isShallow) else {
            return Failure(
                .source, "the history of \(tip.short) is not whole", details: [error.message],
                hint: sources.first.map { "see what Git says of it: git -C \($0.path.shellQuoted) fsck" })
        }
        return Failure(
            .source, "\(shallow.path) is a shallow clone: the history of \(tip.short) breaks off",
            details: ["history = source sends a commit with all that came before it"],
            hint: "git -C \(shallow.path.shellQuoted) fetch --unshallow (in GitHub Actions: fetch-depth: 0)")
    }
}

/// Goes through a commit's history, newest first.
private struct CommitWalk: ~Copyable {
    private let walk: Handle<RevisionWalkKind>

    /// - Parameter sorting: `GIT_SORT_NONE` reads no further than it is asked; any other all that there is.
    init(
        in store: borrowing Store, from tip: ObjectID, beyond bases: [ObjectID] = [],
        sorting: UInt32 = GIT_SORT_NONE.rawValue
    ) throws(GitError) {
        let walk = try Self.opened(store)
        try Self.start(walk, at: tip, beyond: bases, sorting)
        self.walk = walk
    }

    private static func opened(_ store: borrowing Store) throws(GitError) -> Handle<RevisionWalkKind> {
        let raw = store.repository.raw
        return try Handle("git_revwalk_new") { git_revwalk_new(&$0, raw) }
    }

    private static func start(
        _ walk: borrowing Handle<RevisionWalkKind>, at tip: ObjectID, beyond bases: [ObjectID],
        _ sorting: UInt32
    ) throws(GitError) {
        try check("git_revwalk_sorting", git_revwalk_sorting(walk.raw, sorting))
        var id = tip.git
        try check("git_revwalk_push", git_revwalk_push(walk.raw, &id))
        for base in bases {
            id = base.git
            try check("git_revwalk_hide", git_revwalk_hide(walk.raw, &id))
        }
    }

    mutating func next() throws(GitError) -> ObjectID? {
        var id = git_oid()
        let status = git_revwalk_next(&id, walk.raw)
        guard status != GIT_ITEROVER.rawValue else { return nil }
        try check("git_revwalk_next", status)
        return ObjectID(&id)
    }
}

enum RevisionWalkKind: HandleKind { static func free(_ raw: OpaquePointer) { git_revwalk_free(raw) } }

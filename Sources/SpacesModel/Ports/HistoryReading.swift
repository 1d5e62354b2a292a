/// Commits as a graph. Only what is at hand is looked at.
package protocol HistoryReading: Sendable {
    /// The newest of these commits that is `tip` or one of its ancestors; nil when none is.
    /// - Throws: kind `source` when the history of `tip` breaks off (a shallow clone), with what to do.
    func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) async throws(DeployError) -> ObjectID?
    /// The commits from `tip` down to which no commit of `bases` leads, oldest first: parents before children.
    func commits(from tip: ObjectID, beyond bases: [ObjectID]) async throws(DeployError) -> [Commit]
    /// The newest commits that `tip` leads to, itself first, at most `limit`; fewer where the history breaks off.
    func newestCommits(from tip: ObjectID, limit: Int) async -> [Commit]
    func commit(_ id: ObjectID) async throws(DeployError) -> Commit
}

import SpacesModel

/// What a rollback goes back to.
package enum RollbackTarget: Hashable, Sendable {
    /// The newest earlier deploy that was not rolled back, has other files and did not fail.
    case previousDeploy
    /// So many deploys back, as `history` numbers them.
    case deploy(Int)
    /// The deploy with this permanent number (`v12`).
    case release(Int)
    /// A commit of the Space's own history, or how its id begins.
    case commit(String)
}

extension RollbackTarget {
    /// The commit that is meant; `nil` if it is none of these.
    /// - Parameter commits: the Space's, newest first.
    /// - Throws: kind `usage` if several commits begin like this, `refused` if several have this number.
    func findCommit(in commits: [Commit], _ outcomes: DeployOutcomes, of space: SpaceID) throws(DeployError)
        -> Commit?
    {
        let history = DeployHistory(commits.map(\.historyEntry))
        switch self {
        case .previousDeploy:
            let earlier = history.earlierDeploys(among: commits).first { outcomes[$0.commit.id] != .failed }
            return earlier.flatMap { deploy in commits.first { $0.id == deploy.commit.id } }
        case .deploy(let number):
            guard history.deploys.indices.contains(number) else { return nil }
            return commits.first { $0.id == history.deploys[number].commit.id }
        case .release(let number): return try findRelease(number, in: history, commits, of: space)
        case .commit(let prefix):
            let meant = commits.filter { $0.id.description.hasPrefix(prefix.lowercased()) }
            guard meant.count < 2 else {
                throw DeployError(
                    .usage, "\(prefix) is how several commits begin",
                    details: Self.lines(meant), hint: "write more of it")
            }
            return meant.first
        }
    }

    private func findRelease(
        _ number: Int, in history: DeployHistory, _ commits: [Commit], of space: SpaceID
    ) throws(DeployError) -> Commit? {
        let named = Set(history.deploys.filter { $0.release == number }.map(\.commit.id))
        let meant = commits.filter { named.contains($0.id) }
        guard meant.count < 2 else {
            throw DeployError(
                .refused, "\(meant.count) deploys of \(space) have the number v\(number)",
                details: Self.lines(meant),
                hint: "name the commit: spacesync rollback \(space) --to \(meant[0].id.short)")
        }
        return meant.first
    }

    private static func lines(_ commits: [Commit]) -> [String] {
        commits.prefix(5).map { "\($0.id)  \($0.shownSubject)" }
            + (commits.count > 5 ? ["… and \(commits.count - 5) more"] : [])
    }
}

extension DeployHistory {
    /// The deploys below the present one that were not rolled back and have another tree, newest first.
    func earlierDeploys(among commits: [Commit]) -> [DeployRecord] {
        let trees = Dictionary(commits.map { ($0.id, $0.tree) }) { first, _ in first }
        let standing = deploys.first.flatMap { trees[$0.commit.id] }
        return earlierDeploys { trees[$0] != nil && trees[$0] != standing }
    }
}

extension Commit {
    /// As history tells of it.
    package var historyEntry: HistoryEntry {
        HistoryEntry(id: id, subject: subject, trailers: Trailers(of: message))
    }
}

extension RollbackTarget {
    /// It names no deploy: which one is meant depends on the head.
    var isRelativeToHead: Bool {
        switch self {
        case .previousDeploy, .deploy: true
        case .release, .commit: false
        }
    }
}

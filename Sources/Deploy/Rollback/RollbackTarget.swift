import SpacesModel

/// The deploy or commit that a rollback restores.
package enum RollbackTarget: Hashable, Sendable {
    /// The newest earlier deploy that was not rolled back, has other files and did not fail.
    case previousDeploy
    /// The deploy that is this many deploys back, as `history` numbers them.
    case deploy(Int)
    /// The deploy with this release number (`v12`).
    case release(Int)
    /// A commit of the Space's history, given by its id or the beginning of its id.
    case commit(String)
}

extension RollbackTarget {
    /// Returns the commit that the target names; `nil` if none of the commits matches.
    /// - Parameter commits: the Space's commits, newest first.
    /// - Throws: kind `usage` if several ids begin like this, `refused` if several deploys have this
    ///   number.
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
            let matches = commits.filter { $0.id.description.hasPrefix(prefix.lowercased()) }
            guard matches.count < 2 else {
                throw DeployError(
                    .usage, "commit id \"\(prefix)\" is ambiguous",
                    details: Self.lines(matches), hint: "use more characters of the id")
            }
            return matches.first
        }
    }

    private func findRelease(
        _ number: Int, in history: DeployHistory, _ commits: [Commit], of space: SpaceID
    ) throws(DeployError) -> Commit? {
        let ids = Set(history.deploys.filter { $0.release == number }.map(\.commit.id))
        let matches = commits.filter { ids.contains($0.id) }
        guard matches.count < 2 else {
            throw DeployError(
                .refused, "\(matches.count) deploys of \(space) have the number v\(number)",
                details: Self.lines(matches),
                hint: "to choose one: spacesync rollback \(space) --to \(matches[0].id.short)")
        }
        return matches.first
    }

    private static func lines(_ commits: [Commit]) -> [String] {
        commits.prefix(5).map { "\($0.id)  \($0.shownSubject)" }
            + (commits.count > 5 ? ["… and \(commits.count - 5) more"] : [])
    }

    /// Whether the target depends on the head, because it does not name a deploy or commit.
    var isRelativeToHead: Bool {
        switch self {
        case .previousDeploy, .deploy: true
        case .release, .commit: false
        }
    }
}

extension DeployHistory {
    /// Returns the deploys below the current one that were not rolled back and have another tree,
    /// newest first.
    func earlierDeploys(among commits: [Commit]) -> [DeployRecord] {
        let trees = Dictionary(commits.map { ($0.id, $0.tree) }) { first, _ in first }
        let currentTree = deploys.first.flatMap { trees[$0.commit.id] }
        return earlierDeploys { trees[$0] != nil && trees[$0] != currentTree }
    }
}

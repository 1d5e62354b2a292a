/// What a rollback goes back to.
package enum RollbackGoal: Hashable, Sendable {
    /// The deploy before the present one.
    case before
    /// So many deploys back, as `history` numbers them.
    case deploy(Int)
    /// A commit of the Space's own history, or how its id begins.
    case commit(String)
}

extension RollbackGoal {
    /// The commit that is meant; nil when it is none of these.
    /// - Parameter commits: the Space's, newest first.
    /// - Throws: kind `usage` where several are meant.
    func found(in commits: [Commit]) throws(Failure) -> Commit? {
        let history = DeployHistory(commits.map(\.past))
        switch self {
        case .before: return history.before(commits)
        case .deploy(let number):
            guard history.deploys.indices.contains(number) else { return nil }
            return commits.first { $0.id == history.deploys[number].commit.id }
        case .commit(let prefix):
            let meant = commits.filter { $0.id.description.hasPrefix(prefix.lowercased()) }
            guard meant.count < 2 else {
                throw Failure(
                    .usage, "\(prefix) is how several commits begin",
                    details: meant.prefix(5).map { "\($0.id)  \($0.shownSubject)" }, hint: "write more of it")
            }
            return meant.first
        }
    }
}

extension DeployHistory {
    /// What the newest deploy stands for: a rollback for what it put back.
    private var present: Int? {
        guard let goal = deploys.first?.commit.trailers.restored else { return deploys.isEmpty ? nil : 0 }
        return deploys.first { $0.commit.id == goal }?.number ?? 0
    }

    /// The newest deploy below it that stayed, and is another tree.
    fileprivate func before(_ commits: [Commit]) -> Commit? {
        guard let present else { return nil }
        let trees = Dictionary(commits.map { ($0.id, $0) }) { first, _ in first }
        let standing = deploys.first.flatMap { trees[$0.commit.id]?.tree }
        let earlier = deploys.dropFirst(present + 1).filter { !$0.isTakenBack }
        return earlier.lazy.compactMap { trees[$0.commit.id] }.first { $0.tree != standing }
    }
}

extension Commit {
    /// As history tells of it.
    package var past: PastCommit { PastCommit(id: id, subject: subject, trailers: Trailers(of: message)) }
}

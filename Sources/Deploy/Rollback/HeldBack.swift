import DeploySettings
import SpacesModel
import TextTools

/// The reason why a source commit is held back, and how to deploy it again.
struct HeldBack: Hashable, Sendable {
    /// One sentence.
    var reason: String
    var hint: String

    /// - Parameters:
    ///   - commit: the commit that the rollback recorded: the source commit, or that of the Space.
    ///   - last: the last deploy, which has that record.
    ///   - now: seconds since 1970.
    init(source: ObjectID, _ commit: ObjectID, by last: Commit, now: Int64, _ space: SpaceID) {
        let deploy = DeployRecord(number: 0, commit: last.historyEntry)
        let age = last.commitTime.map { Duration.ago($0, now: now) }
        let names = [deploy.commit.id.short, age].compactMap { $0 }.joined(separator: ", ")
        let name = (deploy.release.map { "v\($0) " } ?? "") + "(\(names))"
        let trailers = deploy.commit.trailers
        // A rollback also records what was rolled back before it.
        let isFirst = trailers.rolledBackCommits.first == commit
        let failed = isFirst && trailers.previousOutcome?.outcome == .failed ? " after it failed" : ""
        reason =
            "\(source.short) is held back: it was rolled back \(isFirst ? "by" : "before") \(name)\(failed)"
        hint = "to deploy it again: spacesync push \(space) --force=rollback"
    }
}

/// Finds source commits that were rolled back. They are held back until the source has a newer commit;
/// otherwise hook, mirror and push would deploy them again.
struct HeldBackCheck: Sendable {
    let target: Target
    let environment: DeployEnvironment
    let options: DeployOptions

    /// Returns why the source commit is held back; `nil` if it is not.
    /// - Parameters:
    ///   - last: the last deploy; with `history = source` the Space's head.
    ///   - tree: the tree to be pushed, once it is known.
    func heldBack(
        _ source: SourceSnapshot, after last: Commit?, composed tree: ObjectID?
    ) async throws(DeployError) -> HeldBack? {
        guard let last, !options.overriddenGuards.contains(.rollback), options.expectedPlan == nil,
            let commit = try await rolledBackCommit(source, by: last, composed: tree)
        else { return nil }
        return HeldBack(source: source.commit.id, commit, by: last, now: options.now(), target.space)
    }

    /// Returns the commit that the last deploy recorded as rolled back; `nil` if it did not roll back
    /// this deploy.
    /// - Parameter tree: the tree to be pushed, once it is known; it identifies the deploy if the
    ///   source commit does not (`trace = none`).
    private func rolledBackCommit(
        _ snapshot: SourceSnapshot, by last: Commit, composed tree: ObjectID?
    ) async throws(DeployError) -> ObjectID? {
        let trailers = Trailers(of: last.message)
        let rolledBackCommits = trailers.rolledBackCommits
        // If the Space was rolled back to a deploy of the same source commit, the two deploys differ
        // only in their settings.
        let source = snapshot.commit.id
        let isSameSource = trailers["Source-Commit"].flatMap { ObjectID($0) } == source
        guard let tree else { return isSameSource ? nil : rolledBackCommits.first { $0 == source } }
        if isSameSource, rolledBackCommits.contains(source) {
            let below = try await environment.space.commits(
                of: target.spaceBranch, limit: DeployBaseline.searchDepth
            ).drop { $0.id != last.id }
            guard let failed = below.dropFirst().first(where: \.isDeploy) else { return nil }
            try await environment.space.fetchTrees(of: failed.id)
            return try await environment.objects.commit(failed.id).tree == tree ? source : nil
        }
        guard target.trace == "none" else { return nil }
        for commit in rolledBackCommits {
            try await environment.space.fetchTrees(of: commit)
            if try await environment.objects.commit(commit).tree == tree { return commit }
        }
        return nil
    }
}

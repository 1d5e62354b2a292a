import DeploySettings
import SpacesModel
import TextTools

/// Holds back a source commit that was rolled back until the source has a newer commit; otherwise hook,
/// mirror and push would deploy it again.
extension Deployer {
    /// Returns a deploy without changes if the source commit is held back; `nil` if it is not.
    /// - Parameter last: the last deploy.
    func heldBackDeploy(
        _ snapshot: SourceSnapshot, _ state: SpaceHead, after last: Commit?, composed tree: ObjectID? = nil
    ) async throws(DeployError) -> PreparedDeploy? {
        guard let head = state.head, let last, !options.overriddenGuards.contains(.rollback),
            options.expectedPlan == nil,
            let commit = try await rolledBackCommit(snapshot, by: last, composed: tree)
        else { return nil }
        let heldBack = HeldBack(
            source: snapshot.commit.id, commit, by: last, now: options.now(), target.space)
        emit(.detail(heldBack.reason))
        emit(.detail("a newer commit of the source is deployed as usual"))
        var plan = Plan(changes: [])
        plan.heldBack = snapshot.commit.id
        let composition = ComposedTree(tree: head.tree, objects: [], plan: plan, findings: [])
        var prepared = PreparedDeploy(snapshot: snapshot, state: state, composition: composition)
        (prepared.heldBack, prepared.lastDeploy) = (heldBack, last)
        return prepared
    }

    func reportHeldBack(_ prepared: PreparedDeploy, _ report: inout DeployResult) -> PreparedDeploy {
        report.plan = prepared.composition.plan
        report.isHeldBack = true
        report.guards = [.rollback]
        report.hint = prepared.heldBack?.hint
        emit(.planned(prepared.composition.plan))
        return prepared
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
            let below = try await space.commits(of: target.spaceBranch, limit: Self.depth).drop {
                $0.id != last.id
            }
            guard let failed = below.dropFirst().first(where: \.isDeploy) else { return nil }
            try await space.fetchTrees(of: failed.id)
            return try await store.commit(failed.id).tree == tree ? source : nil
        }
        guard target.trace == "none" else { return nil }
        for commit in rolledBackCommits {
            try await space.fetchTrees(of: commit)
            if try await store.commit(commit).tree == tree { return commit }
        }
        return nil
    }
}

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

extension DeployResult {
    /// Sets the outcome of a run that found its source commit held back and had nothing else to do.
    mutating func recordHeldBack(_ heldBack: HeldBack?) {
        guard let heldBack, outcome == .unchanged || outcome == .planned else { return }
        (outcome, reason, hint) = (.heldBack, heldBack.reason, heldBack.hint)
    }
}

/// Records the outcomes of deploys, and uses them to find a deploy that ran.
extension Deployer {
    /// Runs the watch and the probes of a commit, and records the outcome.
    func recordingOutcome(
        of commit: ObjectID, _ report: inout DeployResult,
        _ watch: (inout DeployResult) async throws(DeployError) -> Void
    ) async throws(DeployError) {
        do throws(DeployError) { try await watch(&report) } catch {
            if error.kind == .failed, report.stage?.isStoppedOrDeleting != true {
                options.outcomes.record(.failed, of: commit)
            }
            throw error
        }
        if [.deployed, .unchanged].contains(report.outcome) { options.outcomes.record(.ran, of: commit) }
    }

    /// Returns the known outcomes of the deploys: from watches on this machine, from the deploys'
    /// records, and from the stage.
    func outcomes(_ history: DeployHistory, _ info: SpaceInfo?) -> DeployOutcomes {
        var outcomes = DeployOutcomes(observed: options.outcomes.outcomes())
        outcomes.add(history)
        outcomes.add(info, hasProbes: !target.probes.isEmpty)
        return outcomes
    }

    /// Returns the release trailers of the next deploy. Reads the history only if the last deploy has
    /// no number.
    /// - Parameter info: the Space's info from before the push.
    /// - Returns: `nil` if deploys have no trailers (`history = source`).
    func releaseTrailers(after last: Commit?, _ info: SpaceInfo?) async throws(DeployError)
        -> ReleaseTrailers?
    {
        guard !target.pushesHistory else { return nil }
        guard let last, last.isDeploy else { return ReleaseTrailers(release: 1) }
        var deploys = [last.historyEntry]
        if deploys[0].trailers.release == nil {
            let commits = try await space.commits(of: target.spaceBranch, limit: 10 * Self.depth)
            let below = commits.drop { $0.id != last.id }.dropFirst()
            deploys += below.map(\.historyEntry).filter(\.isDeploy)
        }
        // The history can be empty, because records of other deploys do not concern this one.
        let outcome = outcomes(DeployHistory([]), info)[last.id]
        return ReleaseTrailers(
            release: Release.next(after: deploys),
            previous: ReleaseTrailers.Previous(commit: last.id, outcome: outcome))
    }

    /// Returns the error of a failed deploy with the rollback command added to its hint.
    func withRollbackHint(_ failure: DeployError, _ prepared: PreparedDeploy, _ before: SpaceInfo?)
        -> DeployError
    {
        guard failure.kind == .failed, failure.cause != .rolledBack, !target.pushesHistory,
            target.spaceBranch == "main", let deploy = earlierDeployName(prepared, before)
        else { return failure }
        var failure = failure
        let rollbackHint = "to roll back to \(deploy): spacesync rollback \(target.space)"
        failure.hint = [failure.hint, rollbackHint].compactMap { $0 }.joined(separator: "\n")
        return failure
    }

    /// Returns the name of the deploy that a rollback would restore, as far as the last deploy records
    /// it; `nil` if there is none.
    private func earlierDeployName(_ prepared: PreparedDeploy, _ before: SpaceInfo?) -> String? {
        guard let last = prepared.lastDeploy ?? prepared.state.head, last.isDeploy else { return nil }
        let deploy = DeployRecord(number: 0, commit: last.historyEntry)
        if prepared.isPushed, outcomes(DeployHistory([]), before)[last.id] != .failed { return deploy.name }
        let hasEarlier = (deploy.release ?? 1) > 1 || deploy.commit.trailers.previousOutcome != nil
        return hasEarlier ? "an earlier deploy" : nil
    }
}

extension Stage {
    /// Whether a user paused, stopped or is deleting the Space, so that the deploy has not failed.
    fileprivate var isStoppedOrDeleting: Bool { isInactive || self == .deleting }
}

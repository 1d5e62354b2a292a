import DeploySettings
import SpacesModel

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

import DeploySettings
import SpacesModel

/// How deploys ended: recorded for later runs, and used to find one that ran.
extension Deployer {
    /// Runs the watch and the probes of a commit, and records how it ended.
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

    /// What is known of the deploys: from watches on this machine, from the deploys themselves, and from the stage.
    func outcomes(_ history: DeployHistory, _ info: SpaceInfo?) -> DeployOutcomes {
        var outcomes = DeployOutcomes(observed: options.outcomes.outcomes())
        outcomes.add(history)
        outcomes.add(info, hasProbes: !target.probes.isEmpty)
        return outcomes
    }

    /// The trailers of the next deploy. The history is read only if the deploys so far have no numbers.
    /// - Parameter info: the Space from before the push.
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
        // Records of other deploys say nothing about this one.
        let outcome = outcomes(DeployHistory([]), info)[last.id]
        return ReleaseTrailers(
            release: Release.next(after: deploys),
            previous: ReleaseTrailers.Previous(commit: last.id, outcome: outcome))
    }

    /// Adds the command that rolls back to what a failed deploy should do next.
    func withRollbackHint(_ failure: DeployError, _ prepared: PreparedDeploy, _ before: SpaceInfo?)
        -> DeployError
    {
        guard failure.kind == .failed, failure.cause != .rolledBack, !target.pushesHistory,
            target.spaceBranch == "main", let deploy = earlierDeployName(prepared, before)
        else { return failure }
        var failure = failure
        let line = "to roll back to \(deploy): spacesync rollback \(target.space)"
        failure.hint = [failure.hint, line].compactMap { $0 }.joined(separator: "\n")
        return failure
    }

    /// What a rollback would go back to, as far as the last deploy tells; `nil` if there is nothing.
    private func earlierDeployName(_ prepared: PreparedDeploy, _ before: SpaceInfo?) -> String? {
        guard let last = prepared.lastDeploy ?? prepared.state.head, last.isDeploy else { return nil }
        let deploy = DeployRecord(number: 0, commit: last.historyEntry)
        if prepared.isPushed, outcomes(DeployHistory([]), before)[last.id] != .failed { return deploy.name }
        let hasEarlier = (deploy.release ?? 1) > 1 || deploy.commit.trailers.previousOutcome != nil
        return hasEarlier ? "an earlier deploy" : nil
    }
}

extension Stage {
    /// Somebody paused, stopped or deletes the Space: the deploy has not failed.
    fileprivate var isStoppedOrDeleting: Bool { isInactive || self == .deleting }
}

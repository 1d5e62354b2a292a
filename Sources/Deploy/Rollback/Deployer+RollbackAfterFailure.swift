import DeploySettings
import SpacesModel

/// The automatic rollback of a failed deploy (`rollbackOnFailure`), attempted once.
extension Deployer {
    /// Rolls back to the deploy before a push that failed, and watches the rollback.
    /// - Parameter failure: an error of the build, the app or its probes; other errors are returned as
    ///   they are. A timeout does not cause a rollback, because a slow app may still start.
    /// - Returns: the error, with the result of the rollback in its details.
    func rollBackAfterFailure(
        _ prepared: PreparedDeploy, _ before: SpaceInfo?, after failure: DeployError,
        _ report: inout DeployResult
    ) async -> DeployError {
        guard target.rollbackOnFailure, failure.kind == .failed, prepared.isPushed,
            let commit = prepared.commit,
            target.spaceBranch == "main"
        else { return failure }
        if let reason = reasonNotToRollBack(prepared) {
            return failure.addingDetails("not rolled back: \(reason)")
        }
        var rollbackResult = report
        do throws(DeployError) {
            guard let goal = try await lastRunningDeploy(prepared, before) else {
                return failure.addingDetails("not rolled back: \(noRunningDeployReason(prepared, before))")
            }
            let summary = try await pushRollback(commit, to: goal, &rollbackResult)
            (report.commit, report.stage, report.appURL) = (
                rollbackResult.commit, rollbackResult.stage, rollbackResult.appURL
            )
            return failure.addingDetails(summary, cause: .rolledBack)
        } catch {
            let message = error.kind == .interrupted ? "interrupted" : error.message
            let lines = ["the way back failed, too: \(message)"] + error.details
            (report.commit, report.stage) = (rollbackResult.commit, rollbackResult.stage)
            return failure.addingDetails(lines.joined(separator: "\n"))
        }
    }

    /// Returns the reason not to roll back; `nil` if a rollback is possible.
    private func reasonNotToRollBack(_ prepared: PreparedDeploy) -> String? {
        guard !target.pushesHistory else {
            return "history = source, and the source would not have that commit"
        }
        guard prepared.state.head != nil, !prepared.state.isPristine else {
            return "this was the first deploy of \(target.space)"
        }
        return nil
    }

    private func noRunningDeployReason(_ prepared: PreparedDeploy, _ before: SpaceInfo?) -> String {
        let none = "no earlier deploy is known to have run"
        guard let head = prepared.state.head, let stage = before?.runtime?.stage, stage.isBroken else {
            return none
        }
        return "what was there before (\(head.id.short)) did not run either: \(stage); \(none)"
    }

    /// Returns the deploy that was serving when the push began, or else the newest that ran; `nil` if
    /// none is known. Reads the history only if the last deploy is not the one that was serving.
    private func lastRunningDeploy(
        _ prepared: PreparedDeploy, _ before: SpaceInfo?
    ) async throws(DeployError) -> Commit? {
        guard let head = prepared.state.head else { return nil }
        let (serving, last) = (before?.serving, prepared.lastDeploy)
        if let last, last.isDeploy, serving == last.id || serving == head.id,
            outcomes(DeployHistory([]), before)[last.id] != .failed
        {
            return last
        }
        let commits = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        let below = Array(commits.drop { $0.id != head.id })
        let history = DeployHistory(below.map(\.historyEntry))
        let trees = Dictionary(below.map { ($0.id, $0.tree) }) { first, _ in first }
        let goal = history.deployToRestore(
            serving: serving, in: below.map(\.id), outcomes(history, before)
        ) { trees[$0] != prepared.composition.tree }
        return below.first { $0.id == goal }
    }

    /// Pushes the rollback and waits until it runs.
    /// - Returns: the result in one sentence.
    private func pushRollback(
        _ commit: ObjectID, to goal: Commit, _ report: inout DeployResult
    ) async throws(DeployError) -> String {
        emit(.step("Going back to \(goal.id.short): \(goal.shownSubject)"))
        let failed = try await store.commit(commit)
        var plan = try await makeRollbackPlan(
            to: goal, from: SpaceHead(head: failed), failed, lastDeploy: failed)
        plan.release = ReleaseTrailers(
            release: Release.next(after: [failed.historyEntry]),
            previous: ReleaseTrailers.Previous(commit: commit, outcome: .failed))
        if let violation = plan.guardViolations.first {
            throw DeployError(.blocked, violation.message, details: violation.details)
        }
        emit(.planned(plan.composition.plan))
        guard !plan.composition.plan.isEmpty else {
            throw DeployError(.refused, "\(goal.id.short) holds the very same files")
        }
        // If another run has deployed in the meantime, the compare-and-swap of the push fails.
        let rollbackCommit = try await withDeployLock { () async throws(DeployError) in try await push(plan) }
        report.commit = rollbackCommit
        try await waitUntilRunning(plan.preparedDeploy(rollbackCommit, space), await info(), &report)
        let summary =
            "taken back: \(target.space) holds \(goal.id.short) (\(goal.shownSubject)) again, as \(rollbackCommit.short)"
        return report.outcome == .deployed
            ? "\(summary), and runs it" : "\(summary); it is \(report.outcome.rawValue)"
    }
}

extension DeployError {
    fileprivate func addingDetails(_ lines: String, cause: Cause? = nil) -> DeployError {
        var failure = self
        failure.details += lines.split(separator: "\n").map { String($0) }
        failure.cause = cause ?? failure.cause
        return failure
    }
}

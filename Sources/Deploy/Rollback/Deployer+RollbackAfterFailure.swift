import DeploySettings
import SpacesModel

/// `rollbackOnFailure`: a deploy that failed is taken back by itself, once.
extension Deployer {
    /// Goes back to what was there before a push that failed, and follows it.
    /// - Parameter failure: of the build, the app or its probes; others are handed on. A limit that was reached is none: what
    ///   is slow may come yet.
    /// - Returns: the failure, and what became of the way back.
    func rollBackAfterFailure(
        _ prepared: PreparedDeploy, _ before: SpaceInfo?, after failure: DeployError,
        _ report: inout DeployResult
    ) async -> DeployError {
        guard target.rollbackOnFailure, failure.kind == .failed, prepared.isPushed,
            let commit = prepared.commit,
            target.spaceBranch == "main"
        else { return failure }
        if let why = reasonNotToRollBack(prepared) { return failure.addingDetails("not rolled back: \(why)") }
        var second = report
        do throws(DeployError) {
            guard let goal = try await lastRunningDeploy(prepared, before) else {
                return failure.addingDetails("not rolled back: \(noRunningDeployReason(prepared, before))")
            }
            let line = try await pushRollback(commit, to: goal, &second)
            (report.commit, report.stage, report.appURL) = (second.commit, second.stage, second.appURL)
            return failure.addingDetails(line, cause: .rolledBack)
        } catch {
            let trouble = error.kind == .interrupted ? "interrupted" : error.message
            let words = ["the way back failed, too: \(trouble)"] + error.details
            (report.commit, report.stage) = (second.commit, second.stage)
            return failure.addingDetails(words.joined(separator: "\n"))
        }
    }

    /// Why nothing is put back; nil where there is something.
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

    /// The deploy that was serving when the push began, else the newest that ran; `nil` if none is known. The history is
    /// read only where the last deploy is neither.
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

    /// - Returns: what became of it, in a sentence.
    private func pushRollback(
        _ commit: ObjectID, to goal: Commit, _ report: inout DeployResult
    ) async throws(DeployError) -> String {
        emit(.step("Going back to \(goal.id.short): \(goal.shownSubject)"))
        let failed = try await store.commit(commit)
        var way = try await makeRollbackPlan(
            to: goal, from: SpaceHead(head: failed), failed, lastDeploy: failed)
        way.release = ReleaseTrailers(
            release: Release.next(after: [failed.historyEntry]),
            previous: ReleaseTrailers.Previous(commit: commit, outcome: .failed))
        if let objection = way.guardViolations.first {
            throw DeployError(.blocked, objection.message, details: objection.details)
        }
        emit(.planned(way.composition.plan))
        guard !way.composition.plan.isEmpty else {
            throw DeployError(.refused, "\(goal.id.short) holds the very same files")
        }
        // Whoever deployed meanwhile has gone over it: the compare-and-swap tells.
        let back = try await withDeployLock { () async throws(DeployError) in try await push(way) }
        report.commit = back
        try await waitUntilRunning(way.preparedDeploy(back, space), await info(), &report)
        let line =
            "taken back: \(target.space) holds \(goal.id.short) (\(goal.shownSubject)) again, as \(back.short)"
        return report.outcome == .deployed
            ? "\(line), and runs it" : "\(line); it is \(report.outcome.rawValue)"
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

import DeploySettings
import SpacesModel

/// Rollbacks: push an earlier tree of the Space as its newest commit, without reading the source.
extension Deployer {
    package func rollback(to goal: RollbackTarget) async -> DeployResult {
        await makeResult { (result) async throws(DeployError) in
            let before = options.isPlan ? nil : await info()
            (result.appURL, result.isPrivate) = (before?.appURL, before?.isPrivate)
            guard !options.isPlan else {
                _ = try await planRollback(to: goal, nil, &result)
                return .planned
            }
            let plan = try await withDeployLock { () async throws(DeployError) -> RollbackPlan? in
                guard var plan = try await planRollback(to: goal, before, &result) else { return nil }
                plan.release = try await outcomes.releaseTrailers(after: plan.current, before)
                result.commit = try await push(plan)
                return plan
            }
            guard let plan else { return .unchanged }
            let outcome = try await watchPush(of: plan.preparedDeploy(result.commit, space), before, &result)
            explainRedeploy(plan)
            return outcome == .deployed ? .rolledBack : outcome
        }
    }

    /// Plans the rollback, and throws if a guard blocks it.
    /// - Parameter before: the Space's info from before the rollback, if it was requested.
    /// - Returns: `nil` if the Space has that tree already.
    private func planRollback(
        to goal: RollbackTarget, _ before: SpaceInfo?, _ result: inout DeployResult
    ) async throws(DeployError) -> RollbackPlan? {
        emit(.step("Reading the history of \(target.space)"))
        let state = try await space.fetchHead(of: target.spaceBranch)
        guard let head = state.head else { throw noRollbackTargetError("it has no commits yet") }
        result.commit = head.id
        try checkHeadUnchanged(goal, since: before, head)
        let (goal, outcome) = try await findRollbackCommit(goal, before)
        let plan = try await rollbacks.plan(
            to: goal, from: state, head, lastDeploy: try await lastKnownDeploy(head))
        result.sourceCommit = Trailers(of: goal.message)["Source-Commit"].flatMap { ObjectID($0) }
        result.plan = plan.composition.plan
        logRollbackTarget(goal, outcome)
        emit(.planned(plan.composition.plan))
        guard !plan.composition.plan.isEmpty else { return nil }
        emit(.detail("secrets, variables and hardware are not changed"))
        result.guards = plan.guardViolations.guards
        guard plan.guardViolations.isEmpty else {
            throw rollbackBlockedError(plan.guardViolations, to: goal)
        }
        return plan
    }

    /// Checks that no other run deployed or rolled back while this one waited, which would change the
    /// meaning of "the previous deploy".
    /// - Throws: kind `tryLater` if the target is relative to the head and the head changed.
    private func checkHeadUnchanged(
        _ goal: RollbackTarget, since before: SpaceInfo?, _ head: Commit
    ) throws(DeployError) {
        guard goal.isRelativeToHead, target.spaceBranch == "main", let seen = before?.sha, seen != head.id
        else {
            return
        }
        throw DeployError(
            .tryLater,
            "\(target.space) changed from \(seen.short) to \(head.id.short) (\(head.shownSubject)) in the meantime; "
                + "nothing was rolled back",
            hint: "to see what changed: spacesync history \(target.space)")
    }

    private func rollbackBlockedError(_ violations: [GuardViolation], to goal: Commit) -> DeployError {
        var failure = DeployError.blockedByGuards(
            violations, target.space, overridden: options.overriddenGuards)
        let overrideHint =
            "to do it anyway: spacesync rollback \(target.space) --to \(goal.id.short) --force=drift"
        failure.hint = (violations.flatMap(\.hints) + [overrideHint]).joined(separator: "\n")
        return failure
    }

    /// Finds the commit to roll back to, and reads only as much of the history as that needs. A release
    /// number must be unique among all commits that are read.
    /// - Returns: the commit, and the outcome of its deploy.
    private func findRollbackCommit(
        _ goal: RollbackTarget, _ before: SpaceInfo?
    ) async throws(DeployError) -> (Commit, DeployOutcome) {
        var (isComplete, hasEarlier) = (false, false)
        let isNumber = if case .release = goal { true } else { false }
        for depth in isNumber
            ? [10 * DeployBaseline.searchDepth]
            : [DeployBaseline.searchDepth, 10 * DeployBaseline.searchDepth]
        {
            let commits = try await space.commits(of: target.spaceBranch, limit: depth)
            let history = DeployHistory(commits.map(\.historyEntry))
            let outcomes = self.outcomes.known(before, history)
            if let commit = try goal.findCommit(in: commits, outcomes, of: target.space) {
                return (commit, outcomes[commit.id])
            }
            (isComplete, hasEarlier) = (
                commits.count < depth, !history.earlierDeploys(among: commits).isEmpty
            )
            guard !isComplete else { break }
        }
        let scope = isComplete ? "" : " within the last \(10 * DeployBaseline.searchDepth) commits"
        switch goal {
        case .previousDeploy where hasEarlier:
            throw noRollbackTargetError(
                "each deploy before the current one failed or was rolled back\(scope)")
        case .previousDeploy: throw noRollbackTargetError("no deploy exists before the current one\(scope)")
        case .release(let number): throw noRollbackTargetError("no deploy has the number v\(number)\(scope)")
        case .deploy(let number):
            throw noRollbackTargetError("there are fewer than \(number) earlier deploys\(scope)")
        case .commit(let id):
            throw noRollbackTargetError("\(id) is not a commit of its \(target.spaceBranch) branch\(scope)")
        }
    }

    /// Logs the deploy that is restored, and whether it is known to have run.
    private func logRollbackTarget(_ goal: Commit, _ outcome: DeployOutcome) {
        guard goal.isDeploy else {
            return emit(.detail("rollback to \(goal.id.short): \(goal.shownSubject)"))
        }
        let name = DeployRecord(number: 0, commit: goal.historyEntry).name
        emit(.detail("rollback to \(name)\(outcome == .ran ? ", which ran" : ""): \(goal.shownSubject)"))
        switch outcome {
        case .ran: break
        case .failed: emit(.warning("\(name) failed when it was deployed"))
        case .unknown: emit(.warning("the outcome of \(name) is unknown: it may not have run"))
        }
    }

    private func noRollbackTargetError(_ reason: String) -> DeployError {
        DeployError(
            .refused, "cannot roll back \(target.space): \(reason)",
            hint:
                "to list the deploys: spacesync history \(target.space)\nto roll back to any other commit: use --to COMMIT"
        )
    }

    /// Returns the last deploy; `nil` if none is known, so that later edits cannot be determined.
    private func lastKnownDeploy(_ head: Commit) async throws(DeployError) -> Commit? {
        guard let last = try await baselines.lastDeploy(below: head), last.isDeploy else { return nil }
        return last
    }

    /// Pushes the rollback with one compare-and-swap of the branch.
    /// - Throws: kind `tryLater` if the branch changed in the meantime, `refused` if the Hub refuses
    ///   the push.
    func push(_ plan: RollbackPlan) async throws(DeployError) -> ObjectID {
        let commit = try await objects.write(commit: makeCommitDraft(plan))
        let receipt = try await send { () async throws(DeployError) in
            try await space.push(
                commit, with: plan.composition.objects, to: target.spaceBranch, expecting: plan.state.head?.id
            )
        }
        switch receipt {
        case .accepted(let commit, let lines):
            lines.forEach { emit(.remote($0)) }
            emit(.pushed(commit))
            return commit
        case .stale:
            throw DeployError(
                .tryLater, "\(target.space) has new commits; nothing was rolled back",
                hint: "check its current state, then roll back again: spacesync history \(target.space)")
        case .refused(let status, let lines):
            throw DeployError(
                .refused, "the Hub refused the push to \(target.space): \(status)", details: lines,
                hint: "nothing was changed")
        }
    }

    private func makeCommitDraft(_ plan: RollbackPlan) -> CommitDraft {
        var author = plan.goal.author
        (author.time, author.offset) = (options.now(), 0)
        return CommitDraft(
            tree: plan.composition.tree, parents: [plan.state.head?.id].compactMap { $0 }, author: author,
            committer: author,
            message: plan.message(
                options.message, by: target.trace == "full" ? options.actor : nil, version: options.version))
    }

    private func explainRedeploy(_ plan: RollbackPlan) {
        if target.pushesHistory {
            return emit(
                .warning(
                    "history = source: the source does not have this commit, so the next push needs --force=history"
                ))
        }
        guard let source = Trailers(of: plan.current.message)["Source-Commit"] else { return }
        let isSameSource = Trailers(of: plan.goal.message)["Source-Commit"] == source
        let status = "is held back" + (isSameSource ? "" : " until the source has a newer commit")
        let subject = source.prefix(7) + (isSameSource ? " with the same settings" : "")
        emit(
            .detail(
                "\(subject) \(status); to deploy it again: "
                    + "spacesync push \(target.space) --force=rollback"))
    }

    // MARK: Automatic rollback (`rollbackOnFailure`), attempted once

    /// Rolls back to the deploy before a push that failed, and watches the rollback.
    /// - Parameter failure: an error of the build, the app or its probes; other errors are returned as
    ///   they are. A timeout does not cause a rollback, because a slow app may still start.
    /// - Returns: the error, with the result of the rollback in its details.
    func rollBackAfterFailure(
        _ deploy: PreparedDeploy, _ before: SpaceInfo?, after failure: DeployError,
        _ result: inout DeployResult
    ) async -> DeployError {
        guard target.rollbackOnFailure, failure.kind == .failed, deploy.isPushed,
            let commit = deploy.commit,
            target.spaceBranch == "main"
        else { return failure }
        if let reason = reasonNotToRollBack(deploy) {
            return failure.addingDetails("not rolled back: \(reason)")
        }
        var rollbackResult = result
        do throws(DeployError) {
            guard let goal = try await lastRunningDeploy(deploy, before) else {
                return failure.addingDetails("not rolled back: \(noRunningDeployReason(deploy, before))")
            }
            let summary = try await pushRollback(commit, to: goal, &rollbackResult)
            (result.commit, result.stage, result.appURL) = (
                rollbackResult.commit, rollbackResult.stage, rollbackResult.appURL
            )
            return failure.addingDetails(summary, cause: .rolledBack)
        } catch {
            let message = error.kind == .interrupted ? "interrupted" : error.message
            let lines = ["the rollback failed too: \(message)"] + error.details
            (result.commit, result.stage) = (rollbackResult.commit, rollbackResult.stage)
            return failure.addingDetails(lines.joined(separator: "\n"))
        }
    }

    /// Returns the reason not to roll back; `nil` if a rollback is possible.
    private func reasonNotToRollBack(_ deploy: PreparedDeploy) -> String? {
        guard !target.pushesHistory else {
            return "with history = source, the source would not have the rollback commit"
        }
        guard deploy.space.head != nil, !deploy.space.isPristine else {
            return "this was the first deploy of \(target.space)"
        }
        return nil
    }

    private func noRunningDeployReason(_ deploy: PreparedDeploy, _ before: SpaceInfo?) -> String {
        let none = "no earlier deploy is known to have run"
        guard let head = deploy.space.head, let stage = before?.runtime?.stage, stage.isBroken else {
            return none
        }
        return "the commit before it (\(head.id.short)) did not run either: \(stage); \(none)"
    }

    /// Returns the deploy that was serving when the push began, or else the newest that ran; `nil` if
    /// none is known. Reads the history only if the last deploy is not the one that was serving.
    private func lastRunningDeploy(
        _ deploy: PreparedDeploy, _ before: SpaceInfo?
    ) async throws(DeployError) -> Commit? {
        guard let head = deploy.space.head else { return nil }
        let (serving, last) = (before?.serving, deploy.lastDeploy)
        if let last, last.isDeploy, serving == last.id || serving == head.id,
            outcomes.known(before)[last.id] != .failed
        {
            return last
        }
        let commits = try await space.commits(of: target.spaceBranch, limit: DeployBaseline.searchDepth)
        let below = Array(commits.drop { $0.id != head.id })
        let history = DeployHistory(below.map(\.historyEntry))
        let trees = Dictionary(below.map { ($0.id, $0.tree) }) { first, _ in first }
        let goal = history.deployToRestore(
            serving: serving, in: below.map(\.id), outcomes.known(before, history)
        ) { trees[$0] != deploy.draft.tree }
        return below.first { $0.id == goal }
    }

    /// Pushes the rollback and waits until it runs.
    /// - Returns: the result in one sentence.
    private func pushRollback(
        _ commit: ObjectID, to goal: Commit, _ result: inout DeployResult
    ) async throws(DeployError) -> String {
        emit(.step("Rolling back to \(goal.id.short): \(goal.shownSubject)"))
        let failed = try await objects.commit(commit)
        var plan = try await rollbacks.plan(
            to: goal, from: SpaceHead(head: failed), failed, lastDeploy: failed)
        plan.release = ReleaseTrailers(
            release: Release.next(after: [failed.historyEntry]),
            previous: ReleaseTrailers.Previous(commit: commit, outcome: .failed))
        if let violation = plan.guardViolations.first {
            throw DeployError(.blocked, violation.message, details: violation.details)
        }
        emit(.planned(plan.composition.plan))
        guard !plan.composition.plan.isEmpty else {
            throw DeployError(.refused, "\(goal.id.short) has the same files")
        }
        // If another run has deployed in the meantime, the compare-and-swap of the push fails.
        let rollbackCommit = try await withDeployLock { () async throws(DeployError) in try await push(plan) }
        result.commit = rollbackCommit
        let outcome = try await watchPush(
            of: plan.preparedDeploy(rollbackCommit, space), await info(), &result)
        let summary =
            "rolled back \(target.space) to \(goal.id.short) (\(goal.shownSubject)) as \(rollbackCommit.short)"
        return outcome == .deployed
            ? "\(summary); the app is running" : "\(summary); it is \(outcome.rawValue)"
    }

    /// Returns the error of a failed deploy with the rollback command added to its hint.
    func addingRollbackHint(to failure: DeployError, _ deploy: PreparedDeploy, _ before: SpaceInfo?)
        -> DeployError
    {
        guard failure.kind == .failed, failure.cause != .rolledBack, !target.pushesHistory,
            target.spaceBranch == "main", let name = earlierDeployName(deploy, before)
        else { return failure }
        var failure = failure
        let rollbackHint = "to roll back to \(name): spacesync rollback \(target.space)"
        failure.hint = [failure.hint, rollbackHint].compactMap { $0 }.joined(separator: "\n")
        return failure
    }

    /// Returns the name of the deploy that a rollback would restore, as far as the last deploy records
    /// it; `nil` if there is none.
    private func earlierDeployName(_ deploy: PreparedDeploy, _ before: SpaceInfo?) -> String? {
        guard let last = deploy.lastDeploy ?? deploy.space.head, last.isDeploy else { return nil }
        let record = DeployRecord(number: 0, commit: last.historyEntry)
        if deploy.isPushed, outcomes.known(before)[last.id] != .failed { return record.name }
        let hasEarlier = (record.release ?? 1) > 1 || record.commit.trailers.previousOutcome != nil
        return hasEarlier ? "an earlier deploy" : nil
    }
}

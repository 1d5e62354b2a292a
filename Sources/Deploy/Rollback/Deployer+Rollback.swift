import DeploySettings
import SpacesModel

/// Rollbacks: push an earlier tree of the Space as its newest commit, without reading the source.
extension Deployer {
    package func rollback(to goal: RollbackTarget) async -> DeployResult {
        await makeResult { (report) async throws(DeployError) in
            let before = options.isPlan ? nil : await info()
            report.appURL = before?.appURL
            guard !options.isPlan else {
                _ = try await planRollback(to: goal, nil, &report)
                return report.outcome = .planned
            }
            let plan = try await withDeployLock { () async throws(DeployError) -> RollbackPlan? in
                guard var plan = try await planRollback(to: goal, before, &report) else { return nil }
                plan.release = try await releaseTrailers(after: plan.current, before)
                report.commit = try await push(plan)
                return plan
            }
            guard let plan else { return report.outcome = .unchanged }
            try await waitUntilRunning(plan.preparedDeploy(report.commit, space), before, &report)
            if report.outcome == .deployed { report.outcome = .rolledBack }
            explainRedeploy(plan)
        }
    }

    /// Plans the rollback, and throws if a guard blocks it.
    /// - Parameter before: the Space's info from before the rollback, if it was requested.
    /// - Returns: `nil` if the Space has that tree already.
    private func planRollback(
        to goal: RollbackTarget, _ before: SpaceInfo?, _ report: inout DeployResult
    ) async throws(DeployError) -> RollbackPlan? {
        emit(.step("Reading the history of \(target.space)"))
        let state = try await space.fetchHead(of: target.spaceBranch)
        guard let head = state.head else { throw noRollbackTargetError("it holds no commit yet") }
        report.commit = head.id
        try checkHeadUnchanged(goal, since: before, head)
        let (goal, outcome) = try await findRollbackCommit(goal, before)
        let plan = try await makeRollbackPlan(
            to: goal, from: state, head, lastDeploy: try await lastKnownDeploy(head))
        report.sourceCommit = Trailers(of: goal.message)["Source-Commit"].flatMap { ObjectID($0) }
        report.plan = plan.composition.plan
        logRollbackTarget(goal, outcome)
        emit(.planned(plan.composition.plan))
        guard !plan.composition.plan.isEmpty else { return nil }
        emit(.detail("secrets, variables and hardware stay as they are"))
        report.guards = plan.guardViolations.guards
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
            "\(target.space) moved from \(seen.short) to \(head.id.short) (\(head.shownSubject)) in the meantime; "
                + "nothing was rolled back",
            hint: "see what happened: spacesync history \(target.space)")
    }

    private func rollbackBlockedError(_ violations: [GuardViolation], to goal: Commit) -> DeployError {
        var failure = DeployError.blockedByGuards(
            violations, target.space, overridden: options.overriddenGuards)
        let overrideHint =
            "to do it all the same: spacesync rollback \(target.space) --to \(goal.id.short) --force=drift"
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
        for depth in isNumber ? [10 * Self.depth] : [Self.depth, 10 * Self.depth] {
            let commits = try await space.commits(of: target.spaceBranch, limit: depth)
            let history = DeployHistory(commits.map(\.historyEntry))
            let outcomes = outcomes(history, before)
            if let commit = try goal.findCommit(in: commits, outcomes, of: target.space) {
                return (commit, outcomes[commit.id])
            }
            (isComplete, hasEarlier) = (
                commits.count < depth, !history.earlierDeploys(among: commits).isEmpty
            )
            guard !isComplete else { break }
        }
        let scope = isComplete ? "" : " within the last \(10 * Self.depth) commits"
        switch goal {
        case .previousDeploy where hasEarlier:
            throw noRollbackTargetError(
                "each deploy before the present one failed or was rolled back\(scope)")
        case .previousDeploy: throw noRollbackTargetError("there is no deploy before the present one\(scope)")
        case .release(let number): throw noRollbackTargetError("no deploy has the number v\(number)\(scope)")
        case .deploy(let number):
            throw noRollbackTargetError("there are no \(number) deploys before the present one\(scope)")
        case .commit(let id):
            throw noRollbackTargetError("\(id) is no commit of its \(target.spaceBranch) branch\(scope)")
        }
    }

    /// Logs the deploy that is restored, and whether it is known to have run.
    private func logRollbackTarget(_ goal: Commit, _ outcome: DeployOutcome) {
        guard goal.isDeploy else { return emit(.detail("back to \(goal.id.short): \(goal.shownSubject)")) }
        let name = DeployRecord(number: 0, commit: goal.historyEntry).name
        emit(.detail("back to \(name)\(outcome == .ran ? ", which ran" : ""): \(goal.shownSubject)"))
        switch outcome {
        case .ran: break
        case .failed: emit(.warning("\(name) failed when it was deployed"))
        case .unknown: emit(.warning("it is not known whether \(name) ran"))
        }
    }

    private func noRollbackTargetError(_ reason: String) -> DeployError {
        DeployError(
            .refused, "\(target.space) has nothing to go back to: \(reason)",
            hint: "spacesync history \(target.space) lists the deploys; --to COMMIT takes any other commit")
    }

    /// Returns the last deploy; `nil` if none is known, so that later edits cannot be determined.
    private func lastKnownDeploy(_ head: Commit) async throws(DeployError) -> Commit? {
        guard let last = try await lastDeploy(below: head), last.isDeploy else { return nil }
        return last
    }

    /// Pushes the rollback with one compare-and-swap of the branch.
    /// - Throws: kind `tryLater` if the branch changed in the meantime, `refused` if the Hub refuses
    ///   the push.
    func push(_ plan: RollbackPlan) async throws(DeployError) -> ObjectID {
        try options.reserveCommit()
        emit(.step("Pushing to \(target.space)"))
        let commit = try await store.write(commit: makeCommitDraft(plan))
        let receipt = try await finishingDespiteCancellation { () async throws(DeployError) in
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
                .tryLater, "\(target.space) moved meanwhile: nothing was put back",
                hint: "look at what it is at now, and go back from there: spacesync history \(target.space)")
        case .refused(let status, let lines):
            throw DeployError(
                .refused, "the Hub refused the push to \(target.space): \(status)", details: lines,
                hint: "nothing was changed there")
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
        let status = "is held back" + (isSameSource ? "" : " until the source moves")
        let subject = source.prefix(7) + (isSameSource ? " with the same settings" : "")
        emit(
            .detail(
                "\(subject) \(status); to deploy it again: "
                    + "spacesync push \(target.space) --force=rollback"))
    }
}

extension RollbackPlan {
    /// Returns the pushed rollback as a deploy, which can be watched.
    func preparedDeploy(_ commit: ObjectID?, _ space: some SpaceRepository) -> PreparedDeploy {
        var snapshot = SourceSnapshot(commit: goal, branch: nil, repository: "")
        snapshot.isFromSpace = true
        snapshot.fetchBlobs = { (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) }
        var prepared = PreparedDeploy(snapshot: snapshot, state: state, composition: composition)
        (prepared.commit, prepared.isPushed) = (commit, true)
        return prepared
    }
}

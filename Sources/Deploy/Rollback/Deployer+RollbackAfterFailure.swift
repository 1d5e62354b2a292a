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

extension Deployer {
    /// Composes the tree of a rollback: the old tree, with the Space's own paths and edits as they are
    /// now. Sends nothing, and reads a file only if both sides changed it.
    func makeRollbackPlan(to goal: Commit, from state: SpaceHead, _ head: Commit, lastDeploy: Commit?)
        async throws(DeployError) -> RollbackPlan
    {
        try await space.fetchTrees(of: goal.id)
        for tree in [head.tree, goal.tree] {
            try await store.checkSize(of: tree, target.space.description, .refused)
        }
        var draft = try await TreeBuilder(opening: goal.tree, in: store)
        let preservedPaths = try await applyPreservedPaths(of: head, lastDeploy, in: &draft)
        var reconciler = lastDeploy.map {
            DriftReconciler(mode: target.drift, store: store, merger: spaceOnlyMerger, head: head, base: $0)
        }
        try await reconciler?.reconcile(&draft)
        guard let tree = try await draft.write(to: store) else {
            throw DeployError(.refused, "\(goal.id.short) of \(target.space) holds no file to go back to")
        }
        let headObjects = try await ReachableObjects(of: head.tree, in: store)
        let restoredObjects = try await ReachableObjects(of: goal.tree, in: store)
        let changes = try await TreeDiff(from: head.tree, to: tree, beside: headObjects, in: store)
        var plan = plan(of: changes, to: goal, edits: reconciler?.edits ?? [])
        plan.changes += preservedPaths.map { Change(path: $0, kind: .kept, why: "the Space's own (keep)") }
        // The Space's repository still has the objects of the old commit, so they are not sent again.
        let composition = ComposedTree(
            tree: tree, objects: changes.objects.filter { !restoredObjects.contains($0.id) }, plan: plan,
            findings: [])
        var rollbackPlan = RollbackPlan(
            goal: goal, state: state, current: lastDeploy ?? head, composition: composition)
        rollbackPlan.merged = (reconciler?.merged ?? MergedEdits()).adding(MergedEdits(of: goal))
        rollbackPlan.guardViolations = [rollbackViolation(reconciler, goal)].compactMap { $0 }.filter {
            !$0.isOverridden(by: options.overriddenGuards)
        }
        return rollbackPlan
    }

    /// Replaces the Space's own paths (`keep`) in the draft by their current content.
    /// - Returns: the current paths.
    private func applyPreservedPaths(
        of head: Commit, _ lastDeploy: Commit?, in draft: inout TreeBuilder
    ) async throws(DeployError) -> [Path] {
        let recorded = lastDeploy.map { Trailers(of: $0.message).fields.filter { $0.key == "Keep" } } ?? []
        let patterns = target.keep + recorded.map(\.value).filter { !target.keep.contains($0) }
        guard !patterns.isEmpty else { return [] }
        var (before, now) = (PreservedPaths(patterns), PreservedPaths(patterns))
        try await before.collect(draft, at: .root, in: store)
        for (path, _) in before.nodes { try await draft.set(nil, at: path, in: store) }
        try await now.collect(try await TreeBuilder(opening: head.tree, in: store), at: .root, in: store)
        for (path, node) in now.nodes { try await draft.set(node, at: path, in: store) }
        return now.nodes.map(\.path).sorted()
    }

    /// A merger that reads only the Space, because a rollback does not read the source.
    private var spaceOnlyMerger: ThreeWayMerger {
        ThreeWayMerger(
            fetchBlobs: { [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) },
            // Both sides are versions of the Space, so the old version may have to be fetched too.
            content: { [store, space] (blob) async throws(DeployError) in
                try await space.fetchBlobs([blob])
                return try await store.content(of: blob)
            },
            merge: { [store] (ours, theirs, base) async throws(DeployError) in
                try await store.merged(ours, theirs, from: base)
            },
            wasInSource: { (_, _) in false }, readmes: { SourceReadmes() }, readmesSince: { [] })
    }

    private func plan(of changes: TreeDiff, to goal: Commit, edits: [RemoteEdit]) -> Plan {
        let moves = changes.moves
        let editsByPath = Dictionary(edits.map { ($0.path, $0) }) { first, _ in first }
        return Plan(
            changes: changes.files.map { file in
                var change = Change(
                    path: file.path, kind: file.kind, why: file.kind.reason(restoring: goal.id.short))
                change.movedTo = moves[file.path]
                if let edit = editsByPath[file.path], edit.resolution == .undone {
                    change.why = "changed on the Space since the last deploy"
                }
                return change
            })
    }

    private func rollbackViolation(_ reconciler: DriftReconciler<Store>?, _ goal: Commit) -> GuardViolation? {
        guard let reconciler, reconciler.mode != "overwrite", let last = reconciler.base else {
            return nil
        }
        let undone = reconciler.undone
        guard !undone.isEmpty else { return nil }
        let count = undone.count == 1 ? "1 change" : "\(undone.count) changes"
        let signs: [Change.Kind: String] = [.added: "+", .removed: "-"]
        let shown = undone.prefix(20).map { "\(signs[$0.kind] ?? "~") \($0.path.shown)" }
        return GuardViolation(
            guardName: .drift,
            message: "\(target.space) holds \(count) since the last deploy (\(last.id.short)), "
                + "which going back to \(goal.id.short) would undo",
            details: shown + (undone.count > 20 ? ["… and \(undone.count - 20) more"] : []),
            hints: ["to look at them: spacesync drift \(target.space)"])
    }
}

extension Change.Kind {
    fileprivate func reason(restoring commit: String) -> String {
        switch self {
        case .added: "back from \(commit)"
        case .removed: "not in \(commit)"
        case .updated, .kept: "as in \(commit)"
        }
    }
}

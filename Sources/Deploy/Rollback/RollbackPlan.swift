import DeploySettings
import SpacesModel
import TextTools

/// The plan of a rollback: an earlier tree of the Space that becomes a new commit on its head.
struct RollbackPlan: Sendable {
    /// The commit whose tree is restored.
    var goal: Commit
    var state: SpaceHead
    /// The current deploy of the Space, or its head if there is none.
    var current: Commit
    var composition: ComposedTree
    /// The edits made on the Space that the rollback preserves.
    var merged = MergedEdits()
    var guardViolations: [GuardViolation] = []
    /// The release trailers; `nil` before the push, and with `history = source`.
    var release: ReleaseTrailers?
}

extension RollbackPlan {
    /// Returns the commit message with the trailers for later runs: those of the restored deploy that
    /// still apply, and those of the rollback.
    /// - Parameter actor: the user or job that rolls back; `nil` to leave out `Deployed-By`.
    func message(_ subject: String?, by actor: String?, version: String) -> String {
        let omittedKeys = [
            "rolled-back", "rolled-back-to", "deployed-by", "spacesync", "merged", "merged-readme", "release",
            "previous-outcome",
        ]
        let old = Trailers(of: goal.message)
        var trailers = Trailers()
        for field in old.fields where !omittedKeys.contains(field.key.lowercased()) {
            trailers.add(field.key, field.value)
        }
        merged.write(to: &trailers)
        release?.write(to: &trailers)
        for commit in rolledBackCommits { trailers.add("Rolled-Back", commit.description) }
        trailers.add("Rolled-Back-To", goal.id.description)
        if let actor { trailers.add("Deployed-By", actor) }
        trailers.add("Spacesync", version)
        return (subject ?? "Roll back to \(goal.id.short): \(goal.plainSubject)") + "\n\n" + trailers.text
    }

    /// The source commits to hold back: that of the current deploy, and those that were rolled back
    /// before. For a deploy that does not record its source commit, the commit of the Space.
    private var rolledBackCommits: [ObjectID] {
        let currentTrailers = Trailers(of: current.message)
        let source = currentTrailers["Source-Commit"].flatMap { ObjectID($0) } ?? current.id
        let restoredSource = Trailers(of: goal.message)["Source-Commit"].flatMap { ObjectID($0) }
        let earlier = currentTrailers.rolledBackCommits.filter {
            $0 != restoredSource && $0 != goal.id && $0 != source
        }
        return [source] + earlier
    }

    /// Returns the pushed rollback as a deploy, which can be watched.
    func preparedDeploy(_ commit: ObjectID?, _ space: any SpaceRepository) -> PreparedDeploy {
        var snapshot = SourceSnapshot(commit: goal, branch: nil, repository: "")
        snapshot.isFromSpace = true
        snapshot.fetchBlobs = { (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) }
        var deploy = PreparedDeploy(
            source: snapshot, space: state,
            draft: DeployDraft(composition: composition, base: state.head?.id, sdkChange: SDKChange()))
        (deploy.commit, deploy.isPushed) = (commit, true)
        return deploy
    }
}

/// Plans rollbacks: composes an earlier tree of the Space with the Space's own paths and edits.
struct RollbackPlanner: Sendable {
    let target: Target
    let environment: DeployEnvironment
    let options: DeployOptions
    private var objects: any ObjectDatabase { environment.objects }
    private var space: any SpaceRepository { environment.space }

    /// Composes the tree of a rollback: the old tree, with the Space's own paths and edits as they are
    /// now. Sends nothing, and reads a file only if both sides changed it.
    func plan(to goal: Commit, from state: SpaceHead, _ head: Commit, lastDeploy: Commit?)
        async throws(DeployError) -> RollbackPlan
    {
        try await space.fetchTrees(of: goal.id)
        for tree in [head.tree, goal.tree] {
            try await objects.checkSize(of: tree, target.space.description, .refused)
        }
        var draft = try await TreeBuilder(opening: goal.tree, in: objects)
        let preservedPaths = try await applyPreservedPaths(of: head, lastDeploy, in: &draft)
        var reconciler = lastDeploy.map {
            DriftReconciler(mode: target.drift, store: objects, merger: spaceOnlyMerger, head: head, base: $0)
        }
        try await reconciler?.reconcile(&draft)
        guard let tree = try await draft.write(to: objects) else {
            throw DeployError(.refused, "\(goal.id.short) of \(target.space) has no files to restore")
        }
        let headObjects = try await ReachableObjects(of: head.tree, in: objects)
        let restoredObjects = try await ReachableObjects(of: goal.tree, in: objects)
        let changes = try await TreeDiff(from: head.tree, to: tree, beside: headObjects, in: objects)
        var plan = self.changes(of: changes, to: goal, edits: reconciler?.edits ?? [])
        plan.changes += preservedPaths.map {
            Change(path: $0, kind: .kept, why: "the Space's version (keep)")
        }
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
        try await before.collect(draft, at: .root, in: objects)
        for (path, _) in before.nodes { try await draft.set(nil, at: path, in: objects) }
        try await now.collect(try await TreeBuilder(opening: head.tree, in: objects), at: .root, in: objects)
        for (path, node) in now.nodes { try await draft.set(node, at: path, in: objects) }
        return now.nodes.map(\.path).sorted()
    }

    /// A merger that reads only the Space, because a rollback does not read the source.
    private var spaceOnlyMerger: ThreeWayMerger {
        ThreeWayMerger(
            fetchBlobs: { [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) },
            // Both sides are versions of the Space, so the old version may have to be fetched too.
            content: { [objects, space] (blob) async throws(DeployError) in
                try await space.fetchBlobs([blob])
                return try await objects.content(of: blob)
            },
            merge: { [objects] (ours, theirs, base) async throws(DeployError) in
                try await objects.merged(ours, theirs, from: base)
            },
            wasInSource: { (_, _) in false }, readmes: { SourceReadmes() }, readmesSince: { [] })
    }

    private func changes(of changes: TreeDiff, to goal: Commit, edits: [RemoteEdit]) -> Plan {
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

    private func rollbackViolation(_ reconciler: DriftReconciler?, _ goal: Commit) -> GuardViolation? {
        guard let reconciler, reconciler.mode != "overwrite", let last = reconciler.base else {
            return nil
        }
        let undone = reconciler.undone
        guard !undone.isEmpty else { return nil }
        let count = counted(undone.count, "change")
        let signs: [Change.Kind: String] = [.added: "+", .removed: "-"]
        let shown = undone.prefix(20).map { "\(signs[$0.kind] ?? "~") \($0.path.shown)" }
        return GuardViolation(
            guardName: .drift,
            message: "\(target.space) has \(count) since the last deploy (\(last.id.short)), "
                + "which a rollback to \(goal.id.short) would undo",
            details: shown + (undone.count > 20 ? ["… and \(undone.count - 20) more"] : []),
            hints: ["to see them: spacesync drift \(target.space)"])
    }
}

extension Change.Kind {
    fileprivate func reason(restoring commit: String) -> String {
        switch self {
        case .added: "restored from \(commit)"
        case .removed: "not in \(commit)"
        case .updated, .kept: "as in \(commit)"
        }
    }
}

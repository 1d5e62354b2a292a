import DeploySettings
import SpacesModel

/// Flags that shaped the last deploy and are not set any more. The files that they selected would be
/// removed silently.
extension Deployer {
    /// Returns the flags of the last deploy that are set nowhere now. A promotion deploys another
    /// Space's tree, so no flag shapes it.
    func droppedFlags(_ baseline: DeployBaseline, _ snapshot: SourceSnapshot) -> DroppedFlags {
        snapshot.promotion == nil ? DroppedFlags(target, since: baseline.lastDeploy) : DroppedFlags()
    }

    /// Gives such a flag as the reason of the removals that it causes. Files edited on the Space keep
    /// their own reasons.
    func explainRemovals(
        _ flags: DroppedFlags, in plan: inout Plan, _ snapshot: SourceSnapshot,
        _ reconciler: DriftReconciler<Store>?
    ) async throws(DeployError) {
        guard !flags.isEmpty, let reconciler, let lastDeploy = reconciler.base else { return }
        let edited = Set(reconciler.edits.map(\.path))
        let removedIndices = plan.changes.indices.filter { index in
            let change = plan.changes[index]
            return change.kind == .removed && change.movedTo == nil && !edited.contains(change.path)
        }
        guard !removedIndices.isEmpty else { return }
        let spaceTree = TreeReader(reconciler.head.tree, in: store)
        let reasons = try await RemovalReasons(flags, target, snapshot, since: lastDeploy, in: store)
        for index in removedIndices {
            let path = plan.changes[index].path
            guard let file = try await spaceTree.node(at: path)?.file,
                let reason = try await reasons.reason(for: path, file)
            else { continue }
            plan.changes[index].why = reason
        }
    }

    /// Adds a warning about dropped flags, with its confirmation prompt, if files change.
    func warnAboutDroppedFlags(_ prepared: inout PreparedDeploy, _ flags: DroppedFlags) {
        guard !flags.isEmpty, !prepared.composition.plan.isEmpty, let lastDeploy = prepared.lastDeploy else {
            return
        }
        var warning = GuardViolation(
            message:
                "the last deploy (\(lastDeploy.id.short)) was shaped by flags that are set nowhere now: \(flags.names)",
            details: [], hints: flags.hints(for: target), overrideHint: "to deploy without them",
            prompt: "Deploy \(target.space) without \(flags.names)?")
        warning.declinedMessage =
            "\(target.space): a deploy without \(flags.names) requires confirmation; nothing was changed"
        prepared.warnings.append(warning)
    }
}

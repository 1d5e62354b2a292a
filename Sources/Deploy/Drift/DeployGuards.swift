import DeploySettings
import SpacesModel
import TextTools

/// The guards of a planned deploy: effects on the Space that may be unintended and that block the push
/// or require confirmation (design 4.6).
struct DeployGuards: Sendable {
    let target: Target
    let environment: DeployEnvironment
    let options: DeployOptions
    private var objects: any ObjectDatabase { environment.objects }

    /// Adds the violations and warnings of all guards to a deploy.
    func check(_ deploy: inout PreparedDeploy, _ flags: DroppedFlags) async throws(DeployError) {
        let (source, space, baseline) = (deploy.source, deploy.space, deploy.baseline)
        if let relation = deploy.draft.relation {
            let histories = HistoryPlanner(target: target, environment: environment, options: options)
            deploy.violations = try await histories.violations(of: relation, source.commit, space.head)
            deploy.violations += try await violations(of: deploy.draft, over: space, source)
            if deploy.violations.isEmpty, !options.isPlan {
                histories.warnAboutDroppedCommits(relation, space.head)
            }
            return
        }
        if let warning = flags.warning(for: deploy, target) { deploy.warnings.append(warning) }
        deploy.violations = try await violations(of: deploy.draft, over: space, source)
        guard !deploy.plan.isEmpty else { return }
        let repository = RepositoryGuard(target: target, environment: environment, options: options)
        if let violation = try await repository.violation(baseline, source) {
            deploy.violations.insert(violation, at: 0)
        } else {
            let behind = BehindGuard(target: target, environment: environment, options: options)
            try await behind.check(&deploy)
        }
        if let warning = try await hubSyncWarning(about: deploy) { deploy.warnings.append(warning) }
    }

    /// Returns the violations of the guards `drift`, `adopt`, `deletes` and `sdk` that are not
    /// overridden.
    func violations(
        of draft: DeployDraft, over space: SpaceHead, _ source: SourceSnapshot
    ) async throws(DeployError) -> [GuardViolation] {
        guard let head = space.head, !space.isPristine else { return [] }
        let reconciler = draft.reconciler
        let violations = [
            reconciler?.driftViolation(
                target.space, from: source.branch,
                hasSourcePath: try await hasSourcePath(reconciler?.undone, source)),
            reconciler?.adoptViolation(of: target.space),
            try await deleteViolation(draft.plan, head),
            sdkViolation(draft.sdkChange),
        ]
        return violations.compactMap { $0 }.filter { !$0.isOverridden(by: options.overriddenGuards) }
    }

    /// Whether any of the Space's edits has a path in the source.
    private func hasSourcePath(_ edits: [RemoteEdit]?, _ snapshot: SourceSnapshot) async throws(DeployError)
        -> Bool
    {
        guard let edits, !edits.isEmpty else { return false }
        let resolver = try await SourcePathResolver(target, in: snapshot, store: objects)
        for edit in edits {
            if try await resolver.origin(of: edit.path) != nil { return true }
            if edit.kind == .added, try await resolver.newSourcePath(for: edit.path) != nil { return true }
        }
        return false
    }

    private func deleteViolation(_ plan: Plan, _ head: Commit) async throws(DeployError) -> GuardViolation? {
        let removed = plan.changes.filter { $0.kind == .removed && $0.movedTo == nil }
        guard !removed.isEmpty else { return nil }
        let total = try await TreeBuilder.fileCount(of: head.tree, in: objects)
        guard !target.deleteLimit.allows(removed.count, of: total) else { return nil }
        // The plan, printed just before, lists the removed files.
        return GuardViolation(
            guardName: .deletes,
            message: "this deploy would remove \(removed.count) of the \(total) files of \(target.space)",
            details: [],
            hints: ["to keep them, set keep = PATH; to allow it, set deleteLimit = \(removed.count)"])
    }

    private func sdkViolation(_ sdkChange: SDKChange) -> GuardViolation? {
        guard let old = sdkChange.old, let new = sdkChange.new, old != new else { return nil }
        let sdkOrigin = target.sdk == nil ? "the source" : "the setting sdk"
        let fix =
            target.pushesHistory
            ? "set sdk: \(old) in the card of the source's README"
            : "spacesync push \(target.space) --sdk \(old)"
        return GuardViolation(
            guardName: .sdk,
            message:
                "\(target.space) is a \(old) Space; \(sdkOrigin) sets \(new), so this deploy would change its sdk",
            details: [], hints: ["to keep it a \(old) Space: \(fix)"],
            overrideHint: "to make it a \(new) Space")
    }

    /// Returns a warning about files that hub-sync copied from a checkout and that no commit of the source
    /// has; `nil` if there are none. A commit newer than this clone may contain them.
    private func hubSyncWarning(about deploy: PreparedDeploy) async throws(DeployError) -> GuardViolation? {
        let baseline = deploy.baseline
        guard baseline.isAdoption, let head = baseline.head,
            let hubSyncCommit = baseline.base(for: deploy.source),
            !options.overriddenGuards.contains(.adopt)
        else { return nil }
        let editedPaths = Set(deploy.draft.reconciler?.edits.map(\.path) ?? [])
        let changes = deploy.plan.changes.filter {
            [.updated, .removed].contains($0.kind) && !editedPaths.contains($0.path)
        }
        let paths = changes.map(\.path)
        let spaceFiles = try await TreeBuilder(opening: head.tree, in: objects).files(at: paths, in: objects)
        let composedFiles = try await TreeBuilder(opening: deploy.draft.tree, in: objects).files(
            at: paths, in: objects)
        var files: [Path: ThreeWayEntry] = [:]
        for path in paths {
            files[path] = ThreeWayEntry(base: nil, source: composedFiles[path], space: spaceFiles[path])
        }
        guard !files.isEmpty else { return nil }
        let adoption = AdoptionCheck(target, environment, deploy.source, head)
        let knownPaths = try await adoption.findKnownPaths(files)
        let unknownChanges = changes.filter { !knownPaths.contains($0.path) }
        guard !unknownChanges.isEmpty else { return nil }
        let count = counted(unknownChanges.count, "file")
        return GuardViolation(
            guardName: .adopt,
            message:
                "hub-sync (\(hubSyncCommit.id.short)) uploaded \(count) to \(target.space) that no commit of the source has; "
                + "this deploy replaces or removes them",
            details: unknownChanges.prefix(20).map { "\($0.kind == .removed ? "-" : "~") \($0.path.shown)" }
                + (unknownChanges.count > 20 ? ["… and \(unknownChanges.count - 20) more"] : []),
            hints: ["if they are from a newer commit: git pull"])
    }
}

import DeploySettings
import SpacesModel

/// The guard `adopt`: on a Space that spacesync never deployed to, files that the source does not have
/// are not replaced or removed without confirmation.
extension DriftReconciler {
    /// Returns the violation if the first deploy to a Space would replace or remove the Space's own
    /// files; `nil` if there are none, or if `drift` is `overwrite`.
    func adoptViolation(of space: SpaceID) -> GuardViolation? {
        guard isAdoption, mode != "overwrite", !undone.isEmpty else { return nil }
        let removed = undone.filter { $0.isRemovedByDeploy }
        let replaced = undone.count - removed.count
        let counts = [
            replaced == 0 ? nil : "replace \(replaced)", removed.isEmpty ? nil : "remove \(removed.count)",
        ].compactMap { $0 }.joined(separator: " and ")
        let files = undone.count == 1 ? "1 file" : "\(undone.count) files"
        let since = base.map { " since \($0.id.short) (\($0.shownSubject))" } ?? ""
        return GuardViolation(
            guardName: .adopt,
            message:
                "\(space) was not deployed by spacesync before and holds \(files)\(since) that no commit "
                + "of the source has; this deploy would \(counts)",
            details: Self.lines(of: undone),
            hints: [
                "to look at them: spacesync drift \(space)",
                "to leave them to the Space: keep = PATH",
            ],
            overrideHint: "to adopt the Space and lose them (--adopt is the same)",
            prompt: "Adopt \(space) and \(counts) of its files?")
    }

    private static func lines(of edits: [RemoteEdit]) -> [String] {
        let shown = edits.prefix(20).map { edit in
            edit.isRemovedByDeploy ? "- \(edit.path.shown)  removed" : "~ \(edit.path.shown)  replaced"
        }
        return shown + (edits.count > shown.count ? ["… and \(edits.count - shown.count) more"] : [])
    }
}

extension Deployer {
    /// Warns about files that hub-sync copied from a checkout and that no commit of the source has: a
    /// commit newer than this clone may contain them.
    func warnAboutHubSyncFiles(
        _ prepared: inout PreparedDeploy, _ baseline: DeployBaseline, edits: [RemoteEdit]
    ) async throws(DeployError) {
        guard baseline.isAdoption, let head = baseline.head,
            let hubSyncCommit = baseline.base(for: prepared.snapshot),
            !options.overriddenGuards.contains(.adopt)
        else { return }
        let editedPaths = Set(edits.map(\.path))
        let changes = prepared.composition.plan.changes.filter {
            [.updated, .removed].contains($0.kind) && !editedPaths.contains($0.path)
        }
        let paths = changes.map(\.path)
        let spaceFiles = try await TreeBuilder(opening: head.tree, in: store).files(at: paths, in: store)
        let composedFiles = try await TreeBuilder(opening: prepared.composition.tree, in: store).files(
            at: paths, in: store)
        var files: [Path: ThreeWayEntry] = [:]
        for path in paths {
            files[path] = ThreeWayEntry(base: nil, source: composedFiles[path], space: spaceFiles[path])
        }
        guard !files.isEmpty else { return }
        let knownPaths = try await makeAdoptionCheck(prepared.snapshot, head)(files)
        let unknownChanges = changes.filter { !knownPaths.contains($0.path) }
        guard !unknownChanges.isEmpty else { return }
        let count = unknownChanges.count == 1 ? "1 file" : "\(unknownChanges.count) files"
        let warning = GuardViolation(
            guardName: .adopt,
            message:
                "hub-sync (\(hubSyncCommit.id.short)) put \(count) on \(target.space) that no commit of the source has; "
                + "this deploy replaces or removes them",
            details: unknownChanges.prefix(20).map { "\($0.kind == .removed ? "-" : "~") \($0.path.shown)" }
                + (unknownChanges.count > 20 ? ["… and \(unknownChanges.count - 20) more"] : []),
            hints: ["if they come from a newer commit: git pull"])
        prepared.warnings.append(warning)
    }
}

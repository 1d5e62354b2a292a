import DeploySettings
import SpacesModel

/// A Space that spacesync never deployed to: its files that the source does not have are not replaced or removed before
/// somebody agrees.
extension DriftReconciler {
    /// What refuses the first deploy to a Space with files of its own; `nil` if there are none, or `drift` says to
    /// overwrite them.
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
    /// Warns of files that hub-sync took from a checkout and no commit of the source has: a newer commit than this clone
    /// has may contain them.
    func warnAboutHubSyncFiles(
        _ prepared: inout PreparedDeploy, _ baseline: DeployBaseline, edits: [RemoteEdit]
    ) async throws(DeployError) {
        guard baseline.isAdoption, let head = baseline.head,
            let synced = baseline.base(for: prepared.snapshot),
            !options.overriddenGuards.contains(.adopt)
        else { return }
        let edited = Set(edits.map(\.path))
        let changes = prepared.composition.plan.changes.filter {
            [.updated, .removed].contains($0.kind) && !edited.contains($0.path)
        }
        let paths = changes.map(\.path)
        let theirs = try await TreeBuilder(opening: head.tree, in: store).files(at: paths, in: store)
        let mine = try await TreeBuilder(opening: prepared.composition.tree, in: store).files(
            at: paths, in: store)
        var files: [Path: ThreeWayEntry] = [:]
        for path in paths { files[path] = ThreeWayEntry(base: nil, source: mine[path], space: theirs[path]) }
        guard !files.isEmpty else { return }
        let known = try await makeAdoptionCheck(prepared.snapshot, head)(files)
        let lost = changes.filter { !known.contains($0.path) }
        guard !lost.isEmpty else { return }
        let count = lost.count == 1 ? "1 file" : "\(lost.count) files"
        let warning = GuardViolation(
            guardName: .adopt,
            message:
                "hub-sync (\(synced.id.short)) put \(count) on \(target.space) that no commit of the source has; "
                + "this deploy replaces or removes them",
            details: lost.prefix(20).map { "\($0.kind == .removed ? "-" : "~") \($0.path.shown)" }
                + (lost.count > 20 ? ["… and \(lost.count - 20) more"] : []),
            hints: ["if they come from a newer commit: git pull"])
        prepared.warnings.append(warning)
    }
}

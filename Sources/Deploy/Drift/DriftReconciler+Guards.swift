import SpacesModel

extension DriftReconciler {
    /// Returns the violation if the deploy would undo edits made on the Space; `nil` if it would not,
    /// or if `drift` is `overwrite`.
    /// - Parameter hasSourcePath: whether at least one of the edits has a path in the source, so that a
    ///   patch can apply it.
    func driftViolation(_ space: SpaceID, from branch: String?, hasSourcePath: Bool) -> GuardViolation? {
        guard !isAdoption, mode != "overwrite", !undone.isEmpty else { return nil }
        var violation = GuardViolation(
            guardName: .drift, message: message(space), details: details,
            hints: resolutionHints(space, branch, hasSourcePath))
        if hasConflict {
            violation.overrideHint = "once the source holds what is wanted (a conflict was solved by hand)"
        }
        return violation
    }

    /// Whether the source changed some of the undone files too, so that the Space's version cannot
    /// simply be preserved.
    private var hasConflict: Bool { undone.contains(where: \.isConflict) }
    /// Whether every undone edit consists of README parts that both sides changed (the same lines or
    /// the same key): no patch can apply them to the source.
    private var needsManualMerge: Bool {
        undone.allSatisfy { !$0.parts.isEmpty && $0.parts.allSatisfy(\.isConflict) }
    }
    /// Whether only conflicts are undone, because all other edits are preserved.
    private var hasOnlyConflicts: Bool {
        undone.allSatisfy { $0.isConflict && ($0.wasPreserved || mode == "merge") }
    }

    private func message(_ space: SpaceID) -> String {
        guard !hasOnlyConflicts else { return "both the source and \(space) changed the same files" }
        let count = undone.count == 1 ? "1 change" : "\(undone.count) changes"
        let since = base.map { "since the last deploy (\($0.id.short))" } ?? "that no deploy put there"
        return "\(space) holds \(count) \(since), which this deploy would undo"
    }

    private func resolutionHints(_ space: SpaceID, _ branch: String?, _ hasSourcePath: Bool) -> [String] {
        let showHint = "to look at them: spacesync drift \(space)"
        let branchSuffix = branch.map { " (on \($0))" } ?? ""
        let applyHint = "to bring them home\(branchSuffix): spacesync drift \(space) --patch | git apply"
        if hasConflict {
            guard !needsManualMerge else {
                return [
                    showHint, "write what is wanted into README.md of the source, then commit and push again",
                    "or to leave it to the Space: keep = README.md",
                ]
            }
            return [showHint] + (hasSourcePath ? [applyHint + " -3", "then commit and push again"] : [])
                + ["or to leave them to the Space: keep = PATH"]
        }
        return ["to keep them: spacesync push \(space) --drift merge", "or name them: keep = PATH", showHint]
            + (hasSourcePath ? [applyHint] : [])
    }

    private var details: [String] {
        let lines = undone.flatMap { hasOnlyConflicts ? $0.conflictLines : [$0.line] }
        let shown = lines.prefix(20)
        return shown + (lines.count > shown.count ? ["… and \(lines.count - shown.count) more"] : [])
    }
}

extension RemoteEdit {
    /// One line for each part that both sides changed.
    fileprivate var conflictLines: [String] {
        let conflicts = parts.filter(\.isConflict)
        guard !conflicts.isEmpty else { return ["! \(path.shown)"] }
        return conflicts.map { "! \(path.shown): \($0.part)" }
    }

    /// The edit that the deploy would undo, and the source's change to the same file.
    fileprivate var line: String {
        let signs: [Change.Kind: String] = [.added: "+", .updated: "~", .removed: "-"]
        let sign = signs[kind] ?? "~"
        let sourceChange = sourceChangeDescription.map { "\($0)\(inSource == .removed ? "" : " too")" }
        guard !parts.isEmpty else { return "\(sign) \(path.shown)" + (sourceChange.map { "  \($0)" } ?? "") }
        let changed = parts.filter(\.isChangedInSource)
        let changedNames = changed.count == parts.count ? "" : "\(changed.names) "
        return "\(sign) \(path.shown): \(parts.names)" + (sourceChange.map { "  \(changedNames)\($0)" } ?? "")
    }
}

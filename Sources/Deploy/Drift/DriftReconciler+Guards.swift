import SpacesModel

extension DriftReconciler {
    /// What stands against the deploy; nil when nothing does, or `drift` says to go over it.
    /// - Parameter hasPlace: the source has a place for one of the changes at least, so that a patch brings it there.
    func driftViolation(_ space: SpaceID, from branch: String?, hasSourcePath: Bool) -> GuardViolation? {
        guard !isAdoption, mode != "overwrite", !undone.isEmpty else { return nil }
        var objection = GuardViolation(
            guardName: .drift, message: message(space), details: details,
            hints: resolutionHints(space, branch, hasSourcePath))
        if hasConflict {
            objection.overrideHint = "once the source holds what is wanted (a conflict was solved by hand)"
        }
        return objection
    }

    /// Of what would be undone, some was changed in the source too: it cannot simply stay.
    private var hasConflict: Bool { undone.contains(where: \.isConflict) }
    /// No patch brings home what both sides changed in the same lines or key of the README.
    private var needsManualMerge: Bool {
        undone.allSatisfy { !$0.parts.isEmpty && $0.parts.allSatisfy(\.isConflict) }
    }
    /// Nothing else would be undone: all the rest is kept.
    private var hasOnlyConflicts: Bool {
        undone.allSatisfy { $0.isConflict && ($0.wasPreserved || mode == "merge") }
    }

    private func message(_ space: SpaceID) -> String {
        guard !hasOnlyConflicts else { return "both the source and \(space) changed the same files" }
        let count = undone.count == 1 ? "1 change" : "\(undone.count) changes"
        let known = base.map { "since the last deploy (\($0.id.short))" } ?? "that no deploy put there"
        return "\(space) holds \(count) \(known), which this deploy would undo"
    }

    private func resolutionHints(_ space: SpaceID, _ branch: String?, _ hasSourcePath: Bool) -> [String] {
        let look = "to look at them: spacesync drift \(space)"
        let place = branch.map { " (on \($0))" } ?? ""
        let home = "to bring them home\(place): spacesync drift \(space) --patch | git apply"
        if hasConflict {
            guard !needsManualMerge else {
                return [
                    look, "write what is wanted into README.md of the source, then commit and push again",
                    "or to leave it to the Space: keep = README.md",
                ]
            }
            return [look] + (hasSourcePath ? [home + " -3", "then commit and push again"] : [])
                + ["or to leave them to the Space: keep = PATH"]
        }
        return ["to keep them: spacesync push \(space) --drift merge", "or name them: keep = PATH", look]
            + (hasSourcePath ? [home] : [])
    }

    private var details: [String] {
        let lines = undone.flatMap { hasOnlyConflicts ? $0.conflictLines : [$0.line] }
        let shown = lines.prefix(20)
        return shown + (lines.count > shown.count ? ["… and \(lines.count - shown.count) more"] : [])
    }
}

extension RemoteEdit {
    /// What both sides changed, a line each.
    fileprivate var conflictLines: [String] {
        let contested = parts.filter(\.isConflict)
        guard !contested.isEmpty else { return ["! \(path.shown)"] }
        return contested.map { "! \(path.shown): \($0.part)" }
    }

    /// What the deploy would undo, and what the source did with it.
    fileprivate var line: String {
        let signs: [Change.Kind: String] = [.added: "+", .updated: "~", .removed: "-"]
        let sign = signs[kind] ?? "~"
        let also = sourceChangeDescription.map { "\($0)\(inSource == .removed ? "" : " too")" }
        guard !parts.isEmpty else { return "\(sign) \(path.shown)" + (also.map { "  \($0)" } ?? "") }
        let changed = parts.filter(\.isChangedInSource)
        let which = changed.count == parts.count ? "" : "\(changed.names) "
        return "\(sign) \(path.shown): \(parts.names)" + (also.map { "  \(which)\($0)" } ?? "")
    }
}

import SpacesModel
import TextTools

/// A guard against an effect of a deploy that may be unintended. `--force=NAME` overrides it.
package enum Guard: String, Hashable, Sendable, CaseIterable {
    /// Edits made on the Space would be undone.
    case drift
    /// More of the Space's files would be removed than `deleteLimit` allows.
    case deletes
    /// The Space's SDK would change.
    case sdk
    /// Commits of the Space that the source does not have would be dropped (`history = source`).
    case history
    /// A source commit that was rolled back would be deployed again.
    case rollback
    /// The Space was deployed from another repository.
    case repository
    /// A newer commit of the source is deployed, and this deploy would revert it.
    case behind
    /// Files that no deploy put on the Space and that the source does not have would be replaced or
    /// removed.
    case adopt

    /// The guards that `--force` without names overrides; the other guards must be named.
    package static let overriddenByPlainForce: Set<Guard> = [.drift, .deletes, .adopt]
}

/// A reason not to push: the finding of a guard, or a change that requires confirmation.
struct GuardViolation: Hashable, Sendable {
    /// The guard; `nil` if `--yes` overrides the violation.
    var guardName: Guard?
    /// One sentence.
    var message: String
    var details: [String]
    /// Complete lines to print, often with a command to copy.
    var hints: [String]
    /// The purpose of overriding the guard, printed before the command.
    var overrideHint = Self.defaultOverrideHint
    /// The question at a terminal before the push is blocked; `nil` if only a flag overrides the guard.
    var prompt: String?
    /// The error message if the user declines; `nil` to use `message`.
    var declinedMessage: String?
    /// Whether a detail is logged instead of a warning, which a CI job would show as an annotation.
    var isQuiet = false

    static let defaultOverrideHint = "to do it anyway"

    func isOverridden(by overriddenGuards: Set<Guard>) -> Bool {
        guardName.map(overriddenGuards.contains) ?? false
    }
}

extension [GuardViolation] {
    /// The violated guards, each once, in the order of the contract.
    var guards: [Guard] { Guard.allCases.filter { name in contains { $0.guardName == name } } }
}

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
            violation.overrideHint = "after you have resolved the conflict in the source"
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
        let count = counted(undone.count, "change")
        let since = base.map { "since the last deploy (\($0.id.short))" } ?? "that no deploy made"
        return "\(space) has \(count) \(since), which this deploy would undo"
    }

    private func resolutionHints(_ space: SpaceID, _ branch: String?, _ hasSourcePath: Bool) -> [String] {
        let showHint = "to see them: spacesync drift \(space)"
        let branchSuffix = branch.map { " (on \($0))" } ?? ""
        let applyHint =
            "to apply them to the source\(branchSuffix): spacesync drift \(space) --patch | git apply"
        if hasConflict {
            guard !needsManualMerge else {
                return [
                    showHint, "edit README.md in the source, then commit and push again",
                    "or to keep the Space's version: keep = README.md",
                ]
            }
            return [showHint] + (hasSourcePath ? [applyHint + " -3", "then commit and push again"] : [])
                + ["or to keep the Space's versions: keep = PATH"]
        }
        return [
            "to keep them: spacesync push \(space) --drift merge", "or to always keep them: keep = PATH",
            showHint,
        ]
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
        let files = counted(undone.count, "file")
        let since = base.map { " changed since \($0.id.short) (\($0.shownSubject))" } ?? ""
        return GuardViolation(
            guardName: .adopt,
            message:
                "\(space) was not deployed by spacesync before and has \(files)\(since) that no commit "
                + "of the source has; this deploy would \(counts)",
            details: Self.lines(of: undone),
            hints: [
                "to see them: spacesync drift \(space)",
                "to keep the Space's versions: keep = PATH",
            ],
            overrideHint: "to adopt the Space and lose these files (same as --adopt)",
            prompt: "Adopt \(space) and \(counts) of its files?")
    }

    private static func lines(of edits: [RemoteEdit]) -> [String] {
        let shown = edits.prefix(20).map { edit in
            edit.isRemovedByDeploy ? "- \(edit.path.shown)  removed" : "~ \(edit.path.shown)  replaced"
        }
        return shown + (edits.count > shown.count ? ["… and \(edits.count - shown.count) more"] : [])
    }
}

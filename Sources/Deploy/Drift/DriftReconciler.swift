import FrontMatter
import SpacesModel

/// A reconciler of a composed tree with the edits made on the Space, which it preserves, reports or
/// overwrites, depending on `drift` (design 4.6).
struct DriftReconciler<Store: ObjectDatabase>: Sendable {
    let mode: String
    let store: Store
    let merger: ThreeWayMerger
    /// The Space's head commit.
    let head: Commit
    /// The last deploy at or below the head, or the commit of another tool that synchronised the same
    /// source; `nil` if there is neither.
    let base: Commit?
    /// Returns the paths of which the source has a version, among the files that a push would replace
    /// or remove; `nil` if there was a deploy before.
    var findKnownPaths: (@Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path>)?

    private(set) var merged = MergedEdits()
    private(set) var edits: [RemoteEdit] = []

    init(mode: String, store: Store, merger: ThreeWayMerger, head: Commit, base: Commit?) {
        (self.mode, self.store, self.merger) = (mode, store, merger)
        (self.head, self.base) = (head, base)
    }

    /// Whether there was no deploy before.
    var isAdoption: Bool { findKnownPaths != nil }

    /// Applies the Space's edits that are preserved to the draft, and records the edits that the deploy
    /// would undo.
    mutating func reconcile(_ draft: inout TreeBuilder) async throws(DeployError) {
        let spaceTree = try await TreeBuilder(opening: head.tree, in: store)
        let mergeBase = try await MergeBase(base, in: store)
        let paths = try await mergeBase.candidatePaths(under: spaceTree, head.tree)
        let sides = (
            base: try await mergeBase.files(at: paths), composed: try await draft.files(at: paths, in: store),
            space: try await spaceTree.files(at: paths, in: store)
        )
        let entries = paths.map { path in
            let edit = ThreeWayEntry(
                base: sides.base[path], source: sides.composed[path], space: sides.space[path])
            return (path: path, edit: edit)
        }
        let files = Dictionary(entries.filter(\.edit.isOpen).map { ($0.path, $0.edit) }) { first, _ in first }
        let knownPaths = files.isEmpty ? [] : try await findKnownPaths?(files) ?? []
        for (path, var edit) in entries where !knownPaths.contains(path) {
            // An edit that was preserved earlier in this loop may have replaced this file.
            if !merged.records.isEmpty { edit.source = try await draft.node(at: path, in: store)?.file }
            if path == "README.md", base != nil,
                let readme = try await merger.compareReadme(edit, on: mergeBase)
            {
                try await resolveReadme(readme, edit, in: &draft)
                continue
            }
            guard edit.isOpen else { continue }
            if base != nil, try await merger.addsLargeFilesOnly(edit, at: path) { continue }
            try await resolveEdit(edit, at: path, wasPreserved: mergeBase.records[path] != nil, in: &draft)
        }
        edits.sort { $0.path < $1.path }
        merged.records.sort { $0.path < $1.path }
    }

    private mutating func resolveEdit(
        _ edit: ThreeWayEntry, at path: Path, wasPreserved: Bool, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        var remoteEdit = RemoteEdit(
            path: path, kind: edit.kind, resolution: .undone, wasPreserved: wasPreserved)
        (remoteEdit.isAdoption, remoteEdit.isRemovedByDeploy) = (isAdoption, edit.source == nil)
        let isObstructed =
            edit.space == nil || base == nil ? false : try await draft.isObstructed(at: path, in: store)
        if base != nil, edit.isChangedInSource || isObstructed {
            remoteEdit.inSource = edit.source == nil && edit.base != nil ? .removed : .updated
        }
        if base == nil || mode == "overwrite" {
            // Without a base it is unknown which side changed the file; `overwrite` ignores the Space's
            // edits.
        } else if !remoteEdit.isChangedInSource {
            remoteEdit.resolution = mode == "merge" || wasPreserved ? .preserved : .undone
        } else if !isObstructed, try await merger.outcome(of: edit, at: path) == .alreadyApplied {
            remoteEdit.resolution = .alreadyApplied
        }
        if remoteEdit.resolution == .preserved {
            try await draft.set(edit.space.map { .entry($0.kind, $0.id) }, at: path, in: store)
            merged.records.append(MergedEdits.Record(path: path, source: edit.source))
        }
        edits.append(remoteEdit)
    }

    /// Preserves the parts of the Space's README that `drift` allows, and records those that the deploy
    /// would undo.
    private mutating func resolveReadme(
        _ readme: ReadmeComparison, _ edit: ThreeWayEntry, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        guard readme.isEdited else { return }
        let openEdits = readme.openEdits
        var preserved = openEdits.filter {
            mode != "overwrite" && (mode == "merge" || $0.wasPreserved) && !$0.isConflict
        }
        var undone = openEdits.filter { !preserved.contains($0) }
        let merged = preserved.isEmpty ? nil : readme.merged(keeping: preserved)
        if merged == nil, !preserved.isEmpty { (preserved, undone) = ([], openEdits.map(\.asConflict)) }
        var remoteEdit = RemoteEdit(
            path: "README.md", kind: .updated, resolution: undone.isEmpty ? .preserved : .undone)
        if openEdits.isEmpty { remoteEdit.resolution = .alreadyApplied }
        remoteEdit.parts = undone.isEmpty ? preserved : undone
        remoteEdit.wasPreserved = !remoteEdit.parts.isEmpty && remoteEdit.parts.allSatisfy(\.wasPreserved)
        if openEdits.isEmpty || undone.contains(where: \.isChangedInSource) { remoteEdit.inSource = .updated }
        edits.append(remoteEdit)
        if let merged { try await preserveReadmeParts(preserved, merged, of: readme, edit, in: &draft) }
    }

    private mutating func preserveReadmeParts(
        _ parts: [ReadmeEdit], _ merged: [UInt8], of readme: ReadmeComparison, _ edit: ThreeWayEntry,
        in draft: inout TreeBuilder
    ) async throws(DeployError) {
        guard let composed = edit.source, let space = edit.space else { return }
        var file = BlobVersion(kind: composed.kind, id: space.id)
        if merged == readme.space.card.bytes {
            file = space
        } else {
            file.id = try await store.write(blob: merged)
        }
        try await draft.set(.entry(file.kind, file.id), at: "README.md", in: store)
        let sourceReadme = try await merger.readmes().now?.file ?? composed
        self.merged.records.append(MergedEdits.Record(path: "README.md", source: sourceReadme))
        for edit in parts { self.merged.readme[edit.part] = readme.composed.fingerprint(of: edit.part) }
    }

    /// The edits that the deploy would undo.
    var undone: [RemoteEdit] { edits.filter { $0.resolution == .undone } }

    /// The edits that this deploy preserves and no earlier deploy did: no commit records them yet.
    var newlyPreserved: [RemoteEdit] { edits.filter { $0.resolution == .preserved && !$0.wasPreserved } }
}

extension TreeBuilder {
    /// Whether a file at this path would replace something else: a directory at the path, or a file at
    /// a parent path.
    fileprivate func isObstructed(at path: Path, in store: some ObjectDatabase) async throws(DeployError)
        -> Bool
    {
        if try await node(at: path, in: store)?.isDirectory == true { return true }
        var parent = path.parent
        while !parent.isRoot {
            if try await node(at: parent, in: store)?.file != nil { return true }
            parent = parent.parent
        }
        return false
    }
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

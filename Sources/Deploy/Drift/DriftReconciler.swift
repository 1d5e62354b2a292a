import DeploySettings
import FrontMatter
import SpacesModel

/// A reconciler of a composed tree with the edits made on the Space, which it preserves, reports or
/// overwrites, depending on `drift` (design 4.6).
struct DriftReconciler: Sendable {
    let mode: String
    let store: any ObjectDatabase
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

    init(mode: String, store: any ObjectDatabase, merger: ThreeWayMerger, head: Commit, base: Commit?) {
        (self.mode, self.store, self.merger) = (mode, store, merger)
        (self.head, self.base) = (head, base)
    }

    /// Creates the reconciler of a deploy; `nil` if the Space has no commit.
    init?(_ deployer: Deployer, _ baseline: DeployBaseline, _ source: SourceSnapshot) {
        guard let head = baseline.head else { return nil }
        let (target, environment) = (deployer.target, deployer.environment)
        self.init(
            mode: target.drift, store: environment.objects,
            merger: ThreeWayMerger(target, environment, source, since: baseline.lastDeploy), head: head,
            base: baseline.base(for: source))
        if baseline.isAdoption {
            let check = AdoptionCheck(target, environment, source, head)
            findKnownPaths = { (files) async throws(DeployError) in try await check.findKnownPaths(files) }
        }
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

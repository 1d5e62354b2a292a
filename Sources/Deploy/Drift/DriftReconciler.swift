import FrontMatter
import SpacesModel

/// Sets what a deploy composed beside what the Space holds: what somebody changed there is kept, shown or gone over, as
/// `drift` says (design 4.6).
struct DriftReconciler<Store: ObjectDatabase>: Sendable {
    let mode: String
    let store: Store
    let merger: ThreeWayMerger
    /// The Space's head.
    let head: Commit
    /// The last deploy at or below the head, or what another tool synchronised from the same source; nil: there is none.
    let base: Commit?
    /// On a first contact: which of the files that a push would replace or remove the source has a version of.
    var findKnownPaths: (@Sendable ([Path: ThreeWayEntry]) async throws(DeployError) -> Set<Path>)?

    private(set) var merged = MergedEdits()
    private(set) var edits: [RemoteEdit] = []

    init(mode: String, store: Store, merger: ThreeWayMerger, head: Commit, base: Commit?) {
        (self.mode, self.store, self.merger) = (mode, store, merger)
        (self.head, self.base) = (head, base)
    }

    /// No deploy was here before.
    var isAdoption: Bool { findKnownPaths != nil }

    /// Puts the Space's own edits into the draft where they are to stay, and notes those that it would undo.
    mutating func reconcile(_ draft: inout TreeBuilder) async throws(DeployError) {
        let theirs = try await TreeBuilder(opening: head.tree, in: store)
        let ground = try await MergeBase(base, in: store)
        let places = try await ground.candidatePaths(under: theirs, head.tree)
        let sides = (
            base: try await ground.files(at: places), mine: try await draft.files(at: places, in: store),
            theirs: try await theirs.files(at: places, in: store)
        )
        let all = places.map { path in
            let edit = ThreeWayEntry(
                base: sides.base[path], source: sides.mine[path], space: sides.theirs[path])
            return (path: path, edit: edit)
        }
        let files = Dictionary(all.filter(\.edit.isOpen).map { ($0.path, $0.edit) }) { first, _ in first }
        let known = files.isEmpty ? [] : try await findKnownPaths?(files) ?? []
        for (path, var edit) in all where !known.contains(path) {
            // A file that was kept before may have taken the place of this one.
            if !merged.records.isEmpty { edit.source = try await draft.node(at: path, in: store)?.file }
            if path == "README.md", base != nil, let readme = try await merger.compareReadme(edit, on: ground)
            {
                try await resolveReadme(readme, edit, in: &draft)
                continue
            }
            guard edit.isOpen else { continue }
            if base != nil, try await merger.addsLargeFilesOnly(edit, at: path) { continue }
            try await resolveEdit(edit, at: path, wasPreserved: ground.records[path] != nil, in: &draft)
        }
        edits.sort { $0.path < $1.path }
        merged.records.sort { $0.path < $1.path }
    }

    private mutating func resolveEdit(
        _ edit: ThreeWayEntry, at path: Path, wasPreserved: Bool, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        var told = RemoteEdit(path: path, kind: edit.kind, resolution: .undone, wasPreserved: wasPreserved)
        (told.isAdoption, told.isRemovedByDeploy) = (isAdoption, edit.source == nil)
        let isObstructed =
            edit.space == nil || base == nil ? false : try await draft.isObstructed(at: path, in: store)
        if base != nil, edit.isChangedInSource || isObstructed {
            told.inSource = edit.source == nil && edit.base != nil ? .removed : .updated
        }
        if base == nil || mode == "overwrite" {
            // Nothing tells who changed what, or nobody asks.
        } else if !told.isChangedInSource {
            told.resolution = mode == "merge" || wasPreserved ? .preserved : .undone
        } else if !isObstructed, try await merger.outcome(of: edit, at: path) == .alreadyApplied {
            told.resolution = .alreadyApplied
        }
        if told.resolution == .preserved {
            try await draft.set(edit.space.map { .entry($0.kind, $0.id) }, at: path, in: store)
            merged.records.append(MergedEdits.Record(path: path, source: edit.source))
        }
        edits.append(told)
    }

    /// Keeps the parts of the Space's README that are to stay, and notes those that the deploy would undo.
    private mutating func resolveReadme(
        _ readme: ReadmeComparison, _ edit: ThreeWayEntry, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        guard readme.isEdited else { return }
        let open = readme.openEdits
        var kept = open.filter {
            mode != "overwrite" && (mode == "merge" || $0.wasPreserved) && !$0.isConflict
        }
        var undone = open.filter { !kept.contains($0) }
        let merged = kept.isEmpty ? nil : readme.merged(keeping: kept)
        if merged == nil, !kept.isEmpty { (kept, undone) = ([], open.map(\.asConflict)) }
        var told = RemoteEdit(
            path: "README.md", kind: .updated, resolution: undone.isEmpty ? .preserved : .undone)
        if open.isEmpty { told.resolution = .alreadyApplied }
        told.parts = undone.isEmpty ? kept : undone
        told.wasPreserved = !told.parts.isEmpty && told.parts.allSatisfy(\.wasPreserved)
        if open.isEmpty || undone.contains(where: \.isChangedInSource) { told.inSource = .updated }
        edits.append(told)
        if let merged { try await preserveReadmeParts(kept, merged, of: readme, edit, in: &draft) }
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
        let own = try await merger.readmes().now?.file ?? composed
        self.merged.records.append(MergedEdits.Record(path: "README.md", source: own))
        for edit in parts { self.merged.readme[edit.part] = readme.composed.fingerprint(of: edit.part) }
    }

    /// What the Space holds of this is undone by the deploy.
    var undone: [RemoteEdit] { edits.filter { $0.resolution == .undone } }

    /// What stays on the Space in this deploy, and would not without being asked for again: no commit notes it yet.
    var newlyPreserved: [RemoteEdit] { edits.filter { $0.resolution == .preserved && !$0.wasPreserved } }
}

extension TreeBuilder {
    /// Whether a file could not be put here without something else going: a directory at the path, a file above it.
    fileprivate func isObstructed(at path: Path, in store: some ObjectDatabase) async throws(DeployError)
        -> Bool
    {
        if try await node(at: path, in: store)?.isDirectory == true { return true }
        var above = path.parent
        while !above.isRoot {
            if try await node(at: above, in: store)?.file != nil { return true }
            above = above.parent
        }
        return false
    }
}

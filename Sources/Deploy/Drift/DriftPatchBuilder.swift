import SpacesModel
import TextTools

/// How the Space's edits get into the source: a place for each, and a patch that holds what was done on the Space and
/// undoes nothing of what was done in the source.
struct DriftPatchBuilder<Store: ObjectDatabase>: Sendable {
    let baseline: DriftBaseline<Store>
    let pathResolver: SourcePathResolver<Store>
    let store: Store
    let merger: ThreeWayMerger
    private(set) var buildsPatch: Bool
    /// What a pointer on the Space stands for; nil where nobody has it.
    let load: @Sendable (LFSFile) async throws(DeployError) -> [UInt8]?
    /// What the patch makes of files of the source; nil: they go.
    private var patched: [Path: ObjectID?] = [:]

    init(
        baseline: DriftBaseline<Store>, pathResolver: SourcePathResolver<Store>, store: Store,
        merger: ThreeWayMerger,
        buildsPatch: Bool, load: @escaping @Sendable (LFSFile) async throws(DeployError) -> [UInt8]?
    ) {
        (self.baseline, self.pathResolver, self.store) = (baseline, pathResolver, store)
        (self.merger, self.buildsPatch, self.load) = (merger, buildsPatch, load)
    }

    /// Each with its place in the source, its notes, and its part of the patch.
    func addingPatches(_ entries: [DriftedFile]) async throws(DeployError) -> [DriftedFile] {
        var way = self
        var settled: [DriftedFile] = []
        for entry in entries { settled.append(try await way.addingPatch(entry)) }
        return settled
    }

    /// Whether a patch of these would hold anything.
    func hasPatch(of entries: [DriftedFile]) async throws(DeployError) -> Bool {
        var way = self
        way.buildsPatch = true
        for entry in entries where try await way.addingPatch(entry).hasPatch { return true }
        return false
    }

    private mutating func addingPatch(_ entry: DriftedFile) async throws(DeployError) -> DriftedFile {
        var entry = entry
        let origin = try await pathResolver.origin(of: entry.path)
        entry.sourcePath = origin
        if origin == nil, entry.kind == .added || entry.path == "README.md" {
            entry.sourcePath = try await pathResolver.newSourcePath(for: entry.path)
        }
        var edit = try await baseline.edit(at: entry.path)
        edit.source = nil
        if let origin, let file = try await pathResolver.entry(at: origin) {
            edit.source = BlobVersion(kind: file.kind, id: file.id)
        }
        let change = try await makePatch(edit, &entry)
        if entry.sourcePath == nil { entry.notes.append(missingPathNote(entry)) }
        if buildsPatch, let change, change.old != change.new { try await add(change, to: &entry) }
        return entry
    }

    private mutating func add(_ change: GitPatch, to entry: inout DriftedFile) async throws(DeployError) {
        if let other = patched[change.path] {
            if other != change.new?.id {
                entry.notes.append("\(change.path) stands behind another path too, which differs")
            }
            return
        }
        patched[change.path] = .some(change.new?.id)
        entry.patch = try await patchText(of: change)
    }

    private func missingPathNote(_ entry: DriftedFile) -> String {
        if entry.kind == .added {
            return
                "no path of the source is deployed to it (include, exclude, map), so no patch brings it home"
        }
        let what =
            entry.isChangedInSource ? "the source has it no longer" : "no file of the source stands behind it"
        return "\(what), so no patch brings it home"
    }

    /// nil where no patch can be made, which is noted.
    private func makePatch(_ edit: ThreeWayEntry, _ entry: inout DriftedFile) async throws(DeployError)
        -> GitPatch?
    {
        if entry.path == "README.md", baseline.since != nil, edit.base != nil {
            return try await makeReadmePatch(edit, &entry)
        }
        guard let home = entry.sourcePath, buildsPatch else {
            if entry.isChangedInSource, entry.sourcePath != nil {
                entry.notes.append("changed in the source too")
            }
            return nil
        }
        if edit.base == nil, edit.source != nil {
            entry.notes.append("the source has another file at \(home): not in the patch")
            return nil
        }
        let edit = try await replacingPointerBase(edit)
        if let pointer = try await pointer(edit.space) {
            return try await makeLFSPatch(edit, pointer, at: home, &entry)
        }
        guard edit.source != edit.base else { return try await patch(at: home, edit.base, edit.space) }
        return try await makeMergedPatch(edit, at: home, &entry)
    }

    /// A file that goes by LFS on the Space: the patch holds what it is. Where the source keeps it by LFS, too, Git's
    /// filters make a pointer of that.
    private func makeLFSPatch(
        _ edit: ThreeWayEntry, _ pointer: LFSPointer, at sourcePath: Path, _ entry: inout DriftedFile
    ) async throws(DeployError) -> GitPatch? {
        guard let space = edit.space, pointer.size <= Self.maxPatchSize else {
            entry.notes.append(
                "goes by LFS, \(pointer.size.asSize): too large for a patch; clone the Space for it")
            return nil
        }
        if try await self.pointer(edit.source, orTo: true) == pointer {
            entry.notes.append("\(sourcePath) has this already")
            return nil
        }
        guard edit.source == edit.base else { return noteOmittedEdit(sourcePath, edit, &entry) }
        guard let content = try await load(LFSFile(entry.path, pointer, .object)) else {
            entry.notes.append("goes by LFS, and its file is nowhere: not in the patch")
            return nil
        }
        let new = GitPatch.Side(kind: space.kind, id: try await store.write(blob: content), content: content)
        return GitPatch(path: sourcePath, old: try await side(edit.source), new: new)
    }

    /// Both contents stand in the patch, in letters. Bytes.
    private static var maxPatchSize: Int { 32 << 20 }

    /// nil for what is no pointer.
    /// - Parameter isWanted: of a file that is none, the pointer to it.
    private func pointer(_ file: BlobVersion?, orTo makesPointer: Bool = false) async throws(DeployError)
        -> LFSPointer?
    {
        guard let file, file.isRegular, let side = try await side(file) else { return nil }
        if let pointer = LFSPointer(side.content) { return pointer }
        return makesPointer
            ? try await store.uncachedPointer(to: file.id, side.content, isBinary: false) : nil
    }

    /// What stands in the source as it is, and on the Space as a pointer to that, is the same file.
    private func replacingPointerBase(_ edit: ThreeWayEntry) async throws(DeployError) -> ThreeWayEntry {
        guard edit.source != edit.base, let blob = edit.base?.blob, try await merger.isAvailable(blob),
            let base = try await pointer(edit.base),
            try await pointer(edit.source, orTo: true) == base
        else { return edit }
        var edit = edit
        edit.base = edit.source
        return edit
    }

    /// The source went on: the patch is made for what it holds now, wherever that can be told.
    private func makeMergedPatch(
        _ edit: ThreeWayEntry, at sourcePath: Path, _ entry: inout DriftedFile
    ) async throws(DeployError) -> GitPatch? {
        switch try await merger.outcome(of: edit, at: entry.path) {
        case .alreadyApplied:
            entry.notes.append("\(sourcePath) has this already")
            return nil
        case .merged(let kind, let content):
            entry.notes.append("\(sourcePath) was changed in the source too, and keeps that: git apply -3")
            let new = GitPatch.Side(kind: kind, id: try await store.write(blob: content), content: content)
            return GitPatch(path: sourcePath, old: try await side(edit.source), new: new)
        case .conflict:
            guard edit.space?.isRegular == true, edit.source?.isRegular == true else {
                return noteOmittedEdit(sourcePath, edit, &entry)
            }
            entry.notes.append(
                "\(sourcePath) was changed in the source too, in the same lines: git apply -3, then solve the conflict"
            )
            return try await patch(at: sourcePath, edit.base, edit.space)
        }
    }

    private func noteOmittedEdit(_ sourcePath: Path, _ edit: ThreeWayEntry, _ entry: inout DriftedFile)
        -> GitPatch?
    {
        let what = edit.space == nil ? "deleted" : "changed"
        entry.notes.append(
            "\(sourcePath) was \(what) on the Space and changed in the source: not in the patch")
        return nil
    }

    /// - Parameter edit: with the source's own README, over which a deploy lays a card.
    private func makeReadmePatch(_ edit: ThreeWayEntry, _ entry: inout DriftedFile) async throws(DeployError)
        -> GitPatch?
    {
        let mine = try await side(edit.source), theirs = try await side(edit.space)
        guard let base = try await baseline.common.deployed(at: entry.path), let was = try await side(base)
        else { return nil }
        let composed = try await baseline.edit(at: entry.path)
        let comparison = try await merger.compareReadme(composed, on: baseline.common)
        var back: ReadmeBackport
        if let comparison {
            back = ReadmeBackport(source: mine?.content, space: theirs?.content, comparison)
        } else {
            let keys = ReadmeBackport.changedKeys(was.content, theirs?.content)
            back = ReadmeBackport(source: mine?.content, space: theirs?.content, keys: keys)
            back.text = try await mergeReadmeText(mine?.content, was.content, theirs?.content)
        }
        // The source's README that was deployed as it is takes over the whole file, comments included.
        let isSame = mine?.content == was.content && baseline.common.records[entry.path] == nil
        let result = isSame ? theirs?.content : back.applyToSource()
        (entry.keys, entry.notes, entry.isTextChanged) = (back.keys, back.notes, back.text != .unchanged)
        guard let home = entry.sourcePath else { return nil }
        guard let content = result else {
            guard entry.isChangedInSource else { return GitPatch(path: home, old: mine, new: nil) }
            return noteOmittedEdit(home, edit, &entry)
        }
        entry.needsManualMerge = content == mine?.content && back.hasConflict
        let new = GitPatch.Side(
            kind: theirs?.kind ?? .file, id: try await store.write(blob: content), content: content)
        return GitPatch(path: home, old: mine, new: new)
    }

    /// The text below the card, where the README is compared as a whole.
    private func mergeReadmeText(
        _ sourceReadme: [UInt8]?, _ baseReadme: [UInt8], _ spaceReadme: [UInt8]?
    ) async throws(DeployError) -> ReadmeBackport.Text {
        guard let sourceReadme, let spaceReadme else { return .unchanged }
        let (ours, base, new) = (
            ReadmeBody(sourceReadme).text, ReadmeBody(baseReadme).text, ReadmeBody(spaceReadme).text
        )
        guard base != new, ours != new else { return .unchanged }
        guard ours != base else { return .replaced(new) }
        let both = try await merger.merge(ours, new, base)
        return both.map { .replaced($0) } ?? .conflict
    }

    private func patch(
        at sourcePath: Path, _ old: BlobVersion?, _ new: BlobVersion?
    ) async throws(DeployError) -> GitPatch {
        GitPatch(path: sourcePath, old: try await side(old), new: try await side(new))
    }

    private func side(_ file: BlobVersion?) async throws(DeployError) -> GitPatch.Side? {
        guard let file, let blob = file.blob else { return nil }
        if await !store.contains(blob) { try await merger.fetchBlobs([blob]) }
        return GitPatch.Side(kind: file.kind, id: blob, content: try await store.content(of: blob))
    }

    private func patchText(of change: GitPatch) async throws(DeployError) -> [UInt8] {
        var text: [UInt8] = []
        for part in change.parts {
            let isBinary = part.isBinary && part.old?.id != part.new?.id
            let binary =
                isBinary
                ? try await store.binaryPatch(from: part.old?.content ?? [], to: part.new?.content ?? [])
                : nil
            text += part.text(binary: binary)
        }
        return text
    }
}

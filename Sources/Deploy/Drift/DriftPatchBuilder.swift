import SpacesModel
import TextTools

/// A builder of the output of `drift --patch`: the source path of each edit made on the Space, and a
/// patch that applies these edits without undoing the source's own changes.
struct DriftPatchBuilder: Sendable {
    let baseline: DriftBaseline
    let pathResolver: SourcePathResolver
    let store: any ObjectDatabase
    let merger: ThreeWayMerger
    private(set) var buildsPatch: Bool
    /// Returns the content of an LFS file; `nil` if it is not available.
    let load: @Sendable (LFSFile) async throws(DeployError) -> [UInt8]?
    /// The blobs that the patch gives to files of the source; `nil` if it removes the file.
    private var patched: [Path: ObjectID?] = [:]

    init(
        baseline: DriftBaseline, pathResolver: SourcePathResolver, store: any ObjectDatabase,
        merger: ThreeWayMerger,
        buildsPatch: Bool, load: @escaping @Sendable (LFSFile) async throws(DeployError) -> [UInt8]?
    ) {
        (self.baseline, self.pathResolver, self.store) = (baseline, pathResolver, store)
        (self.merger, self.buildsPatch, self.load) = (merger, buildsPatch, load)
    }

    /// Returns the files with their source paths, their notes, and their parts of the patch.
    func addingPatches(_ entries: [DriftedFile]) async throws(DeployError) -> [DriftedFile] {
        var builder = self
        var patchedFiles: [DriftedFile] = []
        for entry in entries { patchedFiles.append(try await builder.addingPatch(entry)) }
        return patchedFiles
    }

    /// Whether a patch of these files would not be empty.
    func hasPatch(of entries: [DriftedFile]) async throws(DeployError) -> Bool {
        var builder = self
        builder.buildsPatch = true
        for entry in entries where try await builder.addingPatch(entry).hasPatch { return true }
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
                entry.notes.append("\(change.path) is also deployed to another path, with different content")
            }
            return
        }
        patched[change.path] = .some(change.new?.id)
        entry.patch = try await patchText(of: change)
    }

    private func missingPathNote(_ entry: DriftedFile) -> String {
        if entry.kind == .added {
            return
                "no path of the source is deployed to it (include, exclude, map), so no patch is possible"
        }
        let reason =
            entry.isChangedInSource ? "the source no longer has it" : "it is not from a file of the source"
        return "\(reason), so no patch is possible"
    }

    /// Returns the patch of a file; `nil` if no patch can be made, with the reason in the file's notes.
    private func makePatch(_ edit: ThreeWayEntry, _ entry: inout DriftedFile) async throws(DeployError)
        -> GitPatch?
    {
        if entry.path == "README.md", baseline.since != nil, edit.base != nil {
            return try await makeReadmePatch(edit, &entry)
        }
        guard let sourcePath = entry.sourcePath, buildsPatch else {
            if entry.isChangedInSource, entry.sourcePath != nil {
                entry.notes.append("changed in the source too")
            }
            return nil
        }
        if edit.base == nil, edit.source != nil {
            entry.notes.append("the source has another file at \(sourcePath): not in the patch")
            return nil
        }
        let edit = try await replacingPointerBase(edit)
        if let pointer = try await pointer(edit.space) {
            return try await makeLFSPatch(edit, pointer, at: sourcePath, &entry)
        }
        guard edit.source != edit.base else { return try await patch(at: sourcePath, edit.base, edit.space) }
        return try await makeMergedPatch(edit, at: sourcePath, &entry)
    }

    /// Returns the patch of a file that is an LFS pointer on the Space. The patch contains the file's
    /// content; if the source stores the file in LFS too, Git's filters turn the content into a
    /// pointer.
    private func makeLFSPatch(
        _ edit: ThreeWayEntry, _ pointer: LFSPointer, at sourcePath: Path, _ entry: inout DriftedFile
    ) async throws(DeployError) -> GitPatch? {
        guard let space = edit.space, pointer.size <= Self.maxPatchSize else {
            entry.notes.append(
                "LFS file, \(pointer.size.asSize): too large for a patch; clone the Space to get it")
            return nil
        }
        if try await self.pointer(edit.source, orTo: true) == pointer {
            entry.notes.append("\(sourcePath) already has this change")
            return nil
        }
        guard edit.source == edit.base else { return noteOmittedEdit(sourcePath, edit, &entry) }
        guard let content = try await load(LFSFile(entry.path, pointer, .object)) else {
            entry.notes.append("LFS object not found: not in the patch")
            return nil
        }
        let new = GitPatch.Side(kind: space.kind, id: try await store.write(blob: content), content: content)
        return GitPatch(path: sourcePath, old: try await side(edit.source), new: new)
    }

    /// The size limit in bytes of an LFS file in a patch, which contains the old and the new content as
    /// encoded text.
    private static var maxPatchSize: Int { 32 << 20 }

    /// Returns the LFS pointer that a file contains; `nil` if the file is not a pointer.
    /// - Parameter makesPointer: whether to return the pointer to a file that is not a pointer itself.
    private func pointer(_ file: BlobVersion?, orTo makesPointer: Bool = false) async throws(DeployError)
        -> LFSPointer?
    {
        guard let file, file.isRegular, let side = try await side(file) else { return nil }
        if let pointer = LFSPointer(side.content) { return pointer }
        return makesPointer
            ? try await store.uncachedPointer(to: file.id, side.content, isBinary: false) : nil
    }

    /// Replaces the base by the source's file if the base is the LFS pointer to that file, because both
    /// are the same file.
    private func replacingPointerBase(_ edit: ThreeWayEntry) async throws(DeployError) -> ThreeWayEntry {
        guard edit.source != edit.base, let blob = edit.base?.blob, try await merger.isAvailable(blob),
            let base = try await pointer(edit.base),
            try await pointer(edit.source, orTo: true) == base
        else { return edit }
        var edit = edit
        edit.base = edit.source
        return edit
    }

    /// Returns the patch of a file that the source changed too: against the source's current version,
    /// unless the edits conflict.
    private func makeMergedPatch(
        _ edit: ThreeWayEntry, at sourcePath: Path, _ entry: inout DriftedFile
    ) async throws(DeployError) -> GitPatch? {
        switch try await merger.outcome(of: edit, at: entry.path) {
        case .alreadyApplied:
            entry.notes.append("\(sourcePath) already has this change")
            return nil
        case .merged(let kind, let content):
            entry.notes.append(
                "\(sourcePath) was changed in the source too; the patch keeps both changes: use git apply -3")
            let new = GitPatch.Side(kind: kind, id: try await store.write(blob: content), content: content)
            return GitPatch(path: sourcePath, old: try await side(edit.source), new: new)
        case .conflict:
            guard edit.space?.isRegular == true, edit.source?.isRegular == true else {
                return noteOmittedEdit(sourcePath, edit, &entry)
            }
            entry.notes.append(
                "\(sourcePath) was changed in the source too, in the same lines: use git apply -3, then resolve the conflict"
            )
            return try await patch(at: sourcePath, edit.base, edit.space)
        }
    }

    private func noteOmittedEdit(_ sourcePath: Path, _ edit: ThreeWayEntry, _ entry: inout DriftedFile)
        -> GitPatch?
    {
        let verb = edit.space == nil ? "deleted" : "changed"
        entry.notes.append(
            "\(sourcePath) was \(verb) on the Space and changed in the source: not in the patch")
        return nil
    }

    /// Returns the patch of the source's README; `nil` if no patch can be made.
    /// - Parameter edit: the edit with the source's own README, which a deploy combines with a card.
    private func makeReadmePatch(_ edit: ThreeWayEntry, _ entry: inout DriftedFile) async throws(DeployError)
        -> GitPatch?
    {
        let sourceSide = try await side(edit.source), spaceSide = try await side(edit.space)
        guard let deployedFile = try await baseline.common.deployed(at: entry.path),
            let deployedSide = try await side(deployedFile)
        else { return nil }
        let composed = try await baseline.edit(at: entry.path)
        let comparison = try await merger.compareReadme(composed, on: baseline.common)
        var backport: ReadmeBackport
        if let comparison {
            backport = ReadmeBackport(source: sourceSide?.content, space: spaceSide?.content, comparison)
        } else {
            let keys = ReadmeBackport.changedKeys(deployedSide.content, spaceSide?.content)
            backport = ReadmeBackport(source: sourceSide?.content, space: spaceSide?.content, keys: keys)
            backport.text = try await mergeReadmeText(
                sourceSide?.content, deployedSide.content, spaceSide?.content)
        }
        // If the source's README was deployed unchanged, it takes over the Space's whole file,
        // including comments.
        let isSame = sourceSide?.content == deployedSide.content && baseline.common.records[entry.path] == nil
        let result = isSame ? spaceSide?.content : backport.applyToSource()
        (entry.keys, entry.notes, entry.isTextChanged) = (
            backport.keys, backport.notes, backport.text != .unchanged
        )
        guard let sourcePath = entry.sourcePath else { return nil }
        guard let content = result else {
            guard entry.isChangedInSource else {
                return GitPatch(path: sourcePath, old: sourceSide, new: nil)
            }
            return noteOmittedEdit(sourcePath, edit, &entry)
        }
        entry.needsManualMerge = content == sourceSide?.content && backport.hasConflict
        let new = GitPatch.Side(
            kind: spaceSide?.kind ?? .file, id: try await store.write(blob: content), content: content)
        return GitPatch(path: sourcePath, old: sourceSide, new: new)
    }

    /// Merges the text below the card, for a README that is compared as a whole.
    private func mergeReadmeText(
        _ sourceReadme: [UInt8]?, _ baseReadme: [UInt8], _ spaceReadme: [UInt8]?
    ) async throws(DeployError) -> ReadmeBackport.Text {
        guard let sourceReadme, let spaceReadme else { return .unchanged }
        let (sourceText, baseText, spaceText) = (
            ReadmeBody(sourceReadme).text, ReadmeBody(baseReadme).text, ReadmeBody(spaceReadme).text
        )
        guard baseText != spaceText, sourceText != spaceText else { return .unchanged }
        guard sourceText != baseText else { return .replaced(spaceText) }
        let merged = try await merger.merge(sourceText, spaceText, baseText)
        return merged.map { .replaced($0) } ?? .conflict
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

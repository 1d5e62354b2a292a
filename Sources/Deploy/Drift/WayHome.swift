import SpacesModel
import TextTools

/// How the Space's edits get into the source: a place for each, and a patch that holds what was done on the Space and
/// undoes nothing of what was done in the source.
struct WayHome<Store: ObjectStoring & BinaryPatching>: Sendable {
    let ground: DriftGround<Store>
    let places: SourcePlaces<Store>
    let store: Store
    let merger: EditMerger
    private(set) var isPatch: Bool
    /// What a pointer on the Space stands for; nil where nobody has it.
    let load: @Sendable (LargeFile) async throws(Failure) -> [UInt8]?
    /// What the patch makes of files of the source; nil: they go.
    private var patched: [Path: ObjectID?] = [:]

    init(
        ground: DriftGround<Store>, places: SourcePlaces<Store>, store: Store, merger: EditMerger,
        isPatch: Bool, load: @escaping @Sendable (LargeFile) async throws(Failure) -> [UInt8]?
    ) {
        (self.ground, self.places, self.store) = (ground, places, store)
        (self.merger, self.isPatch, self.load) = (merger, isPatch, load)
    }

    /// Each with its place in the source, its notes, and its part of the patch.
    func settled(_ entries: [DriftEntry]) async throws(Failure) -> [DriftEntry] {
        var way = self
        var settled: [DriftEntry] = []
        for entry in entries { settled.append(try await way.settled(entry)) }
        return settled
    }

    /// Whether a patch of these would hold anything.
    func hasPatch(of entries: [DriftEntry]) async throws(Failure) -> Bool {
        var way = self
        way.isPatch = true
        for entry in entries where try await way.settled(entry).hasPatch { return true }
        return false
    }

    private mutating func settled(_ entry: DriftEntry) async throws(Failure) -> DriftEntry {
        var entry = entry
        let origin = try await places.origin(of: entry.path)
        entry.home = origin
        if origin == nil, entry.kind == .added || entry.path == "README.md" {
            entry.home = try await places.home(for: entry.path)
        }
        var edit = try await ground.edit(at: entry.path)
        edit.source = nil
        if let origin, let file = try await places.entry(at: origin) {
            edit.source = FileMark(kind: file.kind, id: file.id)
        }
        let change = try await change(edit, &entry)
        if entry.home == nil { entry.notes.append(homeless(entry)) }
        if isPatch, let change, change.old != change.new { try await add(change, to: &entry) }
        return entry
    }

    private mutating func add(_ change: FilePatch, to entry: inout DriftEntry) async throws(Failure) {
        if let other = patched[change.path] {
            if other != change.new?.id {
                entry.notes.append("\(change.path) stands behind another path too, which differs")
            }
            return
        }
        patched[change.path] = .some(change.new?.id)
        entry.patch = try await text(of: change)
    }

    private func homeless(_ entry: DriftEntry) -> String {
        if entry.kind == .added {
            return
                "no path of the source is deployed to it (include, exclude, map), so no patch brings it home"
        }
        let what =
            entry.isChangedInSource ? "the source has it no longer" : "no file of the source stands behind it"
        return "\(what), so no patch brings it home"
    }

    /// nil where no patch can be made, which is noted.
    private func change(_ edit: ThreeWay, _ entry: inout DriftEntry) async throws(Failure) -> FilePatch? {
        if entry.path == "README.md", ground.since != nil, edit.base != nil {
            return try await readmeChange(edit, &entry)
        }
        guard let home = entry.home, isPatch else {
            if entry.isChangedInSource, entry.home != nil { entry.notes.append("changed in the source too") }
            return nil
        }
        if edit.base == nil, edit.source != nil {
            entry.notes.append("the source has another file at \(home): not in the patch")
            return nil
        }
        let edit = try await seenFromSource(edit)
        if let pointer = try await pointer(edit.space) {
            return try await largeChange(edit, pointer, at: home, &entry)
        }
        guard edit.source != edit.base else { return try await patch(at: home, edit.base, edit.space) }
        return try await mergedChange(edit, at: home, &entry)
    }

    /// A file that goes by LFS on the Space: the patch holds what it is. Where the source keeps it by LFS, too, Git's
    /// filters make a pointer of that.
    private func largeChange(
        _ edit: ThreeWay, _ pointer: LFSPointer, at home: Path, _ entry: inout DriftEntry
    ) async throws(Failure) -> FilePatch? {
        guard let space = edit.space, pointer.size <= Self.largestInPatch else {
            entry.notes.append(
                "goes by LFS, \(pointer.size.asSize): too large for a patch; clone the Space for it")
            return nil
        }
        if try await self.pointer(edit.source, orTo: true) == pointer {
            entry.notes.append("\(home) has this already")
            return nil
        }
        guard edit.source == edit.base else { return left(home, edit, &entry) }
        guard let content = try await load(LargeFile(entry.path, pointer, .object)) else {
            entry.notes.append("goes by LFS, and its file is nowhere: not in the patch")
            return nil
        }
        let new = FilePatch.Side(kind: space.kind, id: try await store.write(blob: content), content: content)
        return FilePatch(path: home, old: try await side(edit.source), new: new)
    }

    /// Both contents stand in the patch, in letters. Bytes.
    private static var largestInPatch: Int { 32 << 20 }

    /// nil for what is no pointer.
    /// - Parameter isWanted: of a file that is none, the pointer to it.
    private func pointer(_ file: FileMark?, orTo isWanted: Bool = false) async throws(Failure) -> LFSPointer?
    {
        guard let file, file.isRegular, let side = try await side(file) else { return nil }
        if let pointer = LFSPointer(side.content) { return pointer }
        return isWanted ? try await store.passingPointer(to: file.id, side.content, isBinary: false) : nil
    }

    /// What stands in the source as it is, and on the Space as a pointer to that, is the same file.
    private func seenFromSource(_ edit: ThreeWay) async throws(Failure) -> ThreeWay {
        guard edit.source != edit.base, let blob = edit.base?.blob, try await merger.isAtHand(blob),
            let base = try await pointer(edit.base),
            try await pointer(edit.source, orTo: true) == base
        else { return edit }
        var edit = edit
        edit.base = edit.source
        return edit
    }

    /// The source went on: the patch is made for what it holds now, wherever that can be told.
    private func mergedChange(
        _ edit: ThreeWay, at home: Path, _ entry: inout DriftEntry
    ) async throws(Failure) -> FilePatch? {
        switch try await merger.outcome(of: edit, at: entry.path) {
        case .held:
            entry.notes.append("\(home) has this already")
            return nil
        case .merged(let kind, let content):
            entry.notes.append("\(home) was changed in the source too, and keeps that: git apply -3")
            let new = FilePatch.Side(kind: kind, id: try await store.write(blob: content), content: content)
            return FilePatch(path: home, old: try await side(edit.source), new: new)
        case .conflict:
            guard edit.space?.isRegular == true, edit.source?.isRegular == true else {
                return left(home, edit, &entry)
            }
            entry.notes.append(
                "\(home) was changed in the source too, in the same lines: git apply -3, then solve the conflict"
            )
            return try await patch(at: home, edit.base, edit.space)
        }
    }

    private func left(_ home: Path, _ edit: ThreeWay, _ entry: inout DriftEntry) -> FilePatch? {
        let what = edit.space == nil ? "deleted" : "changed"
        entry.notes.append("\(home) was \(what) on the Space and changed in the source: not in the patch")
        return nil
    }

    /// - Parameter edit: with the source's own README, over which a deploy lays a card.
    private func readmeChange(_ edit: ThreeWay, _ entry: inout DriftEntry) async throws(Failure) -> FilePatch?
    {
        let mine = try await side(edit.source), theirs = try await side(edit.space)
        guard let base = try await ground.common.deployed(at: entry.path), let was = try await side(base)
        else { return nil }
        let composed = try await ground.edit(at: entry.path)
        let comparison = try await merger.compareReadme(composed, on: ground.common)
        var back: ReadmeReturn
        if let comparison {
            back = ReadmeReturn(source: mine?.content, space: theirs?.content, comparison)
        } else {
            let keys = ReadmeReturn.changedKeys(was.content, theirs?.content)
            back = ReadmeReturn(source: mine?.content, space: theirs?.content, keys: keys)
            back.text = try await text(mine?.content, was.content, theirs?.content)
        }
        // The source's README that was deployed as it is takes over the whole file, comments included.
        let isSame = mine?.content == was.content && ground.common.records[entry.path] == nil
        let result = isSame ? theirs?.content : back.result()
        (entry.keys, entry.notes, entry.isTextChanged) = (back.keys, back.notes, back.text != .unchanged)
        guard let home = entry.home else { return nil }
        guard let content = result else {
            guard entry.isChangedInSource else { return FilePatch(path: home, old: mine, new: nil) }
            return left(home, edit, &entry)
        }
        entry.isForHand = content == mine?.content && back.hasConflict
        let new = FilePatch.Side(
            kind: theirs?.kind ?? .file, id: try await store.write(blob: content), content: content)
        return FilePatch(path: home, old: mine, new: new)
    }

    /// The text below the card, where the README is compared as a whole.
    private func text(
        _ mine: [UInt8]?, _ was: [UInt8], _ theirs: [UInt8]?
    ) async throws(Failure) -> ReadmeReturn.Text {
        guard let mine, let theirs else { return .unchanged }
        let (ours, base, new) = (ReadmeBody(mine).text, ReadmeBody(was).text, ReadmeBody(theirs).text)
        guard base != new, ours != new else { return .unchanged }
        guard ours != base else { return .replaced(new) }
        let both = try await merger.merge(ours, new, base)
        return both.map { .replaced($0) } ?? .conflict
    }

    private func patch(
        at home: Path, _ old: FileMark?, _ new: FileMark?
    ) async throws(Failure) -> FilePatch {
        FilePatch(path: home, old: try await side(old), new: try await side(new))
    }

    private func side(_ file: FileMark?) async throws(Failure) -> FilePatch.Side? {
        guard let file, let blob = file.blob else { return nil }
        if await !store.holds(blob) { try await merger.bring([blob]) }
        return FilePatch.Side(kind: file.kind, id: blob, content: try await store.content(of: blob))
    }

    private func text(of change: FilePatch) async throws(Failure) -> [UInt8] {
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

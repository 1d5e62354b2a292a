import FrontMatter
import SpacesModel

/// A part of the Space's README that somebody changed since the last deploy and that the next deploy would undo.
struct ReadmeEdit: Hashable, Sendable {
    var part: ReadmePart
    /// The source changed the part as well.
    var isChangedInSource = false
    /// The source contains the edit, or one of its commits since the last deploy did.
    var isInSource = false
    /// Earlier deploys kept it (`drift = merge`).
    var wasPreserved = false
    /// The text with the changes of both sides; `nil` if only one side changed it, or both changed the same lines.
    var mergedText: [UInt8]?

    /// Both sides changed the same key or the same lines.
    var isConflict: Bool { isChangedInSource && !isInSource && mergedText == nil }

    /// The same part where it cannot stay beside what the source changed.
    var asConflict: ReadmeEdit {
        var edit = self
        (edit.isChangedInSource, edit.mergedText) = (true, nil)
        return edit
    }
}

/// The README of the Space and the one that a deploy would send, compared part by part: each key of the card by its
/// value, the text below the card by its lines.
struct ReadmeComparison: Sendable {
    /// As the last deploy sent it.
    let deployed: ReadmeSections
    /// As this deploy would send it.
    let composed: ReadmeSections
    let space: ReadmeSections
    /// Parts that earlier deploys kept, each with the fingerprint of what the source's side was.
    let preserved: [ReadmePart: String]
    /// The last deploy kept the whole file; `deployed` is the source's version.
    let isWholeFilePreserved: Bool
    private let source: (now: ReadmeSections, then: ReadmeSections)?
    /// Lines of the text that both sides started from; `nil` if it is not at hand.
    let baseText: [UInt8]?
    /// Without those that are already in the new README.
    private(set) var edits: [ReadmeEdit] = []

    /// - Parameters:
    ///   - readmes: the source's own. They decide what the source changed if the last deploy was made of them: a key that
    ///     only the settings or a template wrote is no change of the source.
    init(
        deployed: ReadmeSections, composed: ReadmeSections, space: ReadmeSections,
        preserved: [ReadmePart: String],
        readmes: SourceReadmes, isWholeFilePreserved: Bool = false
    ) {
        self.isWholeFilePreserved = isWholeFilePreserved
        (self.deployed, self.composed, self.space, self.preserved) = (deployed, composed, space, preserved)
        let now = readmes.now.flatMap { ReadmeSections($0.bytes) }
        let then = readmes.lastDeploy.flatMap { ReadmeSections($0.bytes) }
        let isTextKept = preserved[.text] != nil
        baseText = isTextKept ? then?.text : deployed.text
        if let now, let then, isTextKept || then.text == deployed.text {
            source = (now, then)
        } else {
            source = nil
        }
        findEdits()
    }

    private mutating func findEdits() {
        edits = parts(of: deployed, space).filter { isEdited($0) && !space.hasSame($0, as: composed) }.map {
            ReadmeEdit(
                part: $0, isChangedInSource: isChangedInSource($0),
                wasPreserved: isWholeFilePreserved || preserved[$0] != nil)
        }
    }

    /// Any part was changed on the Space since the last deploy.
    var isEdited: Bool { parts(of: deployed, space).contains { isEdited($0) } }

    /// Edits that the source does not contain.
    var openEdits: [ReadmeEdit] { edits.filter { !$0.isInSource } }

    private func parts(of one: ReadmeSections, _ other: ReadmeSections) -> [ReadmePart] {
        // A key that was removed on the Space, and whose removal was kept, is in neither card.
        let recorded = preserved.keys.compactMap { part in
            if case .key(let key) = part { key } else { nil }
        }
        var seen: Set<String> = []
        let keys = (one.card.keys + other.card.keys + recorded.sorted()).filter { seen.insert($0).inserted }
        return keys.map { .key($0) } + [.text]
    }

    /// Keys of the card that were added, changed or removed on the Space.
    var editedKeys: [String] {
        parts(of: deployed, space).compactMap { part in
            if case .key(let key) = part, isEdited(part) { key } else { nil }
        }
    }

    private func isEdited(_ part: ReadmePart) -> Bool {
        if let fingerprint = preserved[part] { return space.fingerprint(of: part) != fingerprint }
        return !space.hasSame(part, as: deployed)
    }

    private func isChangedInSource(_ part: ReadmePart) -> Bool {
        if let fingerprint = preserved[part] { return composed.fingerprint(of: part) != fingerprint }
        // Of a key that the settings or the Dockerfile decide, the source's README says nothing.
        if let source, part == .text || source.now.hasSame(part, as: composed) {
            return !source.then.hasSame(part, as: source.now)
        }
        return !deployed.hasSame(part, as: composed)
    }

    /// The Space's README with the new value of every part that does not stay as it is there; `nil` if its card cannot be
    /// edited that way.
    func merged(keeping edits: [ReadmeEdit]) -> [UInt8]? {
        let kept = Set(edits.map(\.part))
        var card = space.card
        for part in parts(of: composed, space)
        where !kept.contains(part) && !space.hasSame(part, as: composed) {
            guard case .key(let key) = part else { continue }
            do throws(CardError) {
                if let value = composed.card.portableValue(key) {
                    try card.set(key, to: value)
                } else {
                    guard !composed.card.keys.contains(key) else { return nil }
                    try card.remove(key)
                }
            } catch { return nil }
        }
        let text = edits.first { $0.part == .text }.map { $0.mergedText ?? space.text } ?? composed.text
        return text == space.text ? card.bytes : ReadmeBody(card).replacing(with: text)
    }
}

extension ReadmeComparison {
    /// Merges the text and looks through the source's past for what both sides changed.
    mutating func resolve(with merger: ThreeWayMerger) async throws(DeployError) {
        for index in edits.indices where edits[index].isChangedInSource {
            if edits[index].part == .text, let baseText {
                let both = try await merger.merge(composed.text, space.text, baseText)
                edits[index].isInSource = both == composed.text
                edits[index].mergedText = both
            }
            guard !edits[index].isInSource else { continue }
            edits[index].isInSource = try await wasInSource(edits[index].part, merger)
        }
    }

    private func wasInSource(_ part: ReadmePart, _ merger: ThreeWayMerger) async throws(DeployError) -> Bool {
        if case .key(let key) = part, space.card.node(of: key) == nil { return false }
        return try await merger.readmesSince().contains { readme in
            ReadmeSections(readme.bytes)?.hasSame(part, as: space) == true
        }
    }
}

extension ThreeWayMerger {
    /// Compares the README of the Space with the one that a deploy would send.
    /// - Returns: `nil` if it has to be compared as a whole: it is not a regular file on all sides, a card cannot be read,
    ///   only how the card is written was changed, or no deploy put it there.
    func compareReadme(
        _ edit: ThreeWayEntry, on mergeBase: MergeBase<some ObjectDatabase>
    ) async throws(DeployError) -> ReadmeComparison? {
        guard let composed = edit.source, let space = edit.space, composed != space, edit.base != nil,
            var deployed = try await mergeBase.deployed(at: "README.md")
        else { return nil }
        let record = mergeBase.records["README.md"]
        let isKeptWhole = record != nil && mergeBase.preservedReadmeParts.isEmpty
        if isKeptWhole, let source = record?.source { deployed = source }
        guard [composed, space, deployed].allSatisfy(\.isRegular), record != nil || space != deployed else {
            return nil
        }
        try await fetchBlobs([space.id])
        guard try await isAvailable(deployed.id), let was = ReadmeSections(try await content(deployed.id)),
            let mine = ReadmeSections(try await content(composed.id)),
            let theirs = ReadmeSections(try await content(space.id))
        else { return nil }
        var comparison = ReadmeComparison(
            deployed: was, composed: mine, space: theirs, preserved: mergeBase.preservedReadmeParts,
            readmes: try await readmes(of: record, isKeptWhole), isWholeFilePreserved: isKeptWhole)
        guard comparison.isEdited || record != nil && !isKeptWhole else { return nil }
        try await comparison.resolve(with: self)
        return comparison
    }

    /// The source's READMEs; of the last deploy the one that its record names, if it kept parts of the Space's.
    private func readmes(
        of record: MergedEdits.Record?, _ isWholeFilePreserved: Bool
    ) async throws(DeployError) -> SourceReadmes {
        var own = try await readmes()
        guard let file = record?.source, !isWholeFilePreserved, own.lastDeploy?.file != file else {
            return own
        }
        guard own.now?.file != file else {
            own.lastDeploy = own.now
            return own
        }
        own.lastDeploy = nil
        do throws(DeployError) {
            own.lastDeploy = SourceReadme(file: file, bytes: try await content(file.id))
        } catch { guard error.kind != .interrupted else { throw error } }
        return own
    }
}

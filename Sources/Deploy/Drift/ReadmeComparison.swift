import FrontMatter
import SpacesModel

/// An edit of one part of the Space's README since the last deploy that the next deploy would undo.
struct ReadmeEdit: Hashable, Sendable {
    var part: ReadmePart
    /// Whether the source changed the part as well.
    var isChangedInSource = false
    /// Whether the source contains the edit, or one of its commits since the last deploy did.
    var isInSource = false
    /// Whether earlier deploys preserved the edit (`drift = merge`).
    var wasPreserved = false
    /// The text with the changes of both sides; `nil` if only one side changed it, or if both changed
    /// the same lines.
    var mergedText: [UInt8]?

    /// Whether both sides changed the same key or the same lines.
    var isConflict: Bool { isChangedInSource && !isInSource && mergedText == nil }

    /// The same edit, marked as a conflict with the source's change.
    var asConflict: ReadmeEdit {
        var edit = self
        (edit.isChangedInSource, edit.mergedText) = (true, nil)
        return edit
    }
}

/// A comparison of the Space's README with the README that a deploy would send, part by part: each key
/// of the card by its value, the text below the card by its lines.
struct ReadmeComparison: Sendable {
    /// The README that the last deploy sent.
    let deployed: ReadmeSections
    /// The README that this deploy would send.
    let composed: ReadmeSections
    let space: ReadmeSections
    /// The parts that earlier deploys preserved, each with the fingerprint of the source's version.
    let preserved: [ReadmePart: String]
    /// Whether the last deploy preserved the whole file; `deployed` is then the source's version.
    let isWholeFilePreserved: Bool
    private let source: (now: ReadmeSections, then: ReadmeSections)?
    /// The text that both sides started from, for the merge by lines; `nil` if it is not available.
    let baseText: [UInt8]?
    /// The edits, without those that the new README already contains.
    private(set) var edits: [ReadmeEdit] = []

    /// - Parameters:
    ///   - readmes: the source's READMEs. They decide what the source changed if the last deploy was
    ///     made from them: a key that only the settings or a template wrote is not a change of the
    ///     source.
    init(
        deployed: ReadmeSections, composed: ReadmeSections, space: ReadmeSections,
        preserved: [ReadmePart: String],
        readmes: SourceReadmes, isWholeFilePreserved: Bool = false
    ) {
        self.isWholeFilePreserved = isWholeFilePreserved
        (self.deployed, self.composed, self.space, self.preserved) = (deployed, composed, space, preserved)
        let now = readmes.now.flatMap { ReadmeSections($0.bytes) }
        let then = readmes.lastDeploy.flatMap { ReadmeSections($0.bytes) }
        let isTextPreserved = preserved[.text] != nil
        baseText = isTextPreserved ? then?.text : deployed.text
        if let now, let then, isTextPreserved || then.text == deployed.text {
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

    /// Whether any part was changed on the Space since the last deploy.
    var isEdited: Bool { parts(of: deployed, space).contains { isEdited($0) } }

    /// Edits that the source does not contain.
    var openEdits: [ReadmeEdit] { edits.filter { !$0.isInSource } }

    private func parts(of one: ReadmeSections, _ other: ReadmeSections) -> [ReadmePart] {
        // A key that was removed on the Space, and whose removal was preserved, is in neither card.
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
        // The source's README does not determine a key that the settings or the Dockerfile set.
        if let source, part == .text || source.now.hasSame(part, as: composed) {
            return !source.then.hasSame(part, as: source.now)
        }
        return !deployed.hasSame(part, as: composed)
    }

    /// Returns the Space's README with the new value of every part that is not preserved; `nil` if its
    /// card cannot be edited that way.
    func merged(keeping edits: [ReadmeEdit]) -> [UInt8]? {
        let preservedParts = Set(edits.map(\.part))
        var card = space.card
        for part in parts(of: composed, space)
        where !preservedParts.contains(part) && !space.hasSame(part, as: composed) {
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
    /// Merges the text, and searches the source's history for the parts that both sides changed.
    mutating func resolve(with merger: ThreeWayMerger) async throws(DeployError) {
        for index in edits.indices where edits[index].isChangedInSource {
            if edits[index].part == .text, let baseText {
                let mergedText = try await merger.merge(composed.text, space.text, baseText)
                edits[index].isInSource = mergedText == composed.text
                edits[index].mergedText = mergedText
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
    /// Compares the Space's README with the one that a deploy would send.
    /// - Returns: `nil` if the README has to be compared as a whole: it is not a regular file on all
    ///   sides, a card cannot be parsed, only the formatting of the card was changed, or no deploy
    ///   pushed the README.
    func compareReadme(
        _ edit: ThreeWayEntry, on mergeBase: MergeBase
    ) async throws(DeployError) -> ReadmeComparison? {
        guard let composed = edit.source, let space = edit.space, composed != space, edit.base != nil,
            var deployed = try await mergeBase.deployed(at: "README.md")
        else { return nil }
        let record = mergeBase.records["README.md"]
        let isWholeFilePreserved = record != nil && mergeBase.preservedReadmeParts.isEmpty
        if isWholeFilePreserved, let source = record?.source { deployed = source }
        guard [composed, space, deployed].allSatisfy(\.isRegular), record != nil || space != deployed else {
            return nil
        }
        try await fetchBlobs([space.id])
        guard try await isAvailable(deployed.id),
            let deployedSections = ReadmeSections(try await content(deployed.id)),
            let composedSections = ReadmeSections(try await content(composed.id)),
            let spaceSections = ReadmeSections(try await content(space.id))
        else { return nil }
        var comparison = ReadmeComparison(
            deployed: deployedSections, composed: composedSections, space: spaceSections,
            preserved: mergeBase.preservedReadmeParts,
            readmes: try await readmes(of: record, isWholeFilePreserved),
            isWholeFilePreserved: isWholeFilePreserved)
        guard comparison.isEdited || record != nil && !isWholeFilePreserved else { return nil }
        try await comparison.resolve(with: self)
        return comparison
    }

    /// Returns the source's READMEs. If the last deploy preserved parts of the Space's README,
    /// `lastDeploy` is the README that the record of that deploy names.
    private func readmes(
        of record: MergedEdits.Record?, _ isWholeFilePreserved: Bool
    ) async throws(DeployError) -> SourceReadmes {
        var sourceReadmes = try await readmes()
        guard let file = record?.source, !isWholeFilePreserved, sourceReadmes.lastDeploy?.file != file else {
            return sourceReadmes
        }
        guard sourceReadmes.now?.file != file else {
            sourceReadmes.lastDeploy = sourceReadmes.now
            return sourceReadmes
        }
        sourceReadmes.lastDeploy = nil
        do throws(DeployError) {
            sourceReadmes.lastDeploy = SourceReadme(file: file, bytes: try await content(file.id))
        } catch { guard error.kind != .interrupted else { throw error } }
        return sourceReadmes
    }
}

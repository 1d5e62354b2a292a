import FrontMatter

/// Applies what was changed in the Space's README to the source's own, over which a deploy lays a card.
struct ReadmeBackport: Sendable {
    /// The source's README; `nil` if it has none.
    let source: [UInt8]?
    /// The Space's; `nil` if it was removed there.
    let space: [UInt8]?
    /// Keys of the card that were added, changed or removed on the Space.
    let keys: [String]
    /// Keys that the source changed as well.
    var conflicts: Set<String> = []
    /// Keys that the source has by now.
    var inSource: Set<String> = []
    /// Keys that a deploy would set to another value or remove.
    var undone: Set<String> = []
    var text = Text.unchanged

    enum Text: Hashable, Sendable {
        case unchanged
        /// The new text below the card.
        case replaced([UInt8])
        /// Both sides changed the same lines.
        case conflict
    }

    private(set) var notes: [String] = []

    /// - Parameter keys: of the card, that were changed on the Space.
    init(source: [UInt8]?, space: [UInt8]?, keys: [String]) {
        (self.source, self.space, self.keys) = (source, space, keys)
    }

    /// What was changed part by part.
    init(source: [UInt8]?, space: [UInt8]?, _ comparison: ReadmeComparison) {
        self.init(source: source, space: space, keys: comparison.editedKeys)
        for edit in comparison.edits {
            switch edit.part {
            case .key(let key):
                if edit.isConflict { conflicts.insert(key) }
                if edit.isInSource { inSource.insert(key) }
                undone.insert(key)
            case .text where edit.isInSource: break
            case .text:
                text = edit.isConflict ? .conflict : .replaced(edit.mergedText ?? comparison.space.text)
            }
        }
    }

    var hasConflict: Bool { text == .conflict || !conflicts.isEmpty }

    /// The keys whose values differ.
    static func changedKeys(_ base: [UInt8], _ space: [UInt8]?) -> [String] {
        let (before, after) = (Card.read(base), Card.read(space ?? []))
        var seen: Set<String> = []
        return (before.keys + after.keys).filter { seen.insert($0).inserted }.filter {
            before.node(of: $0) != after.node(of: $0)
        }
    }

    /// The source's README with the changes, as far as they can be made; `nil` if the Space has none.
    mutating func applyToSource() -> [UInt8]? {
        guard let source, let space else { return space }
        var bytes = source
        switch text {
        case .unchanged: break
        case .replaced(let text): bytes = ReadmeBody(source).replacing(with: text)
        case .conflict:
            notes.append("the text below the card was changed on both sides: bring it home by hand")
        }
        var card = Card.read(bytes)
        let theirCard = Card.read(space)
        var kept: [String] = []
        for key in keys where !inSource.contains(key) {
            guard !conflicts.contains(key) else {
                notes.append("\(key) of the card was changed on both sides: bring it home by hand")
                continue
            }
            guard card.keys.contains(key) else {
                kept.append(key)
                continue
            }
            do throws(CardError) {
                if let value = theirCard.portableValue(key) {
                    try card.set(key, to: value)
                } else {
                    try card.remove(key)
                }
            } catch { notes.append("\(key) of the card cannot be set in the source: \(error)") }
        }
        addMissingKeyNotes(kept, theirCard)
        return card.bytes
    }

    /// Keys that the source's own card does not have.
    private mutating func addMissingKeyNotes(_ missingKeys: [String], _ card: CardDocument) {
        let other = missingKeys.filter(undone.contains).compactMap { key in
            card.portableValue(key).map { "card = \(key): \($0)" }
        }
        if !other.isEmpty {
            notes.append("not in the source's card; to keep it: \(other.joined(separator: ", "))")
        }
        addCompletedKeyNotes(missingKeys.filter { !undone.contains($0) }, card)
    }

    /// What only the Space's card says stays there with every deploy.
    private mutating func addCompletedKeyNotes(_ missingKeys: [String], _ card: CardDocument) {
        guard !missingKeys.isEmpty else { return }
        let lines = missingKeys.compactMap { key in card.portableValue(key).map { "card = \(key): \($0)" } }
        notes.append(
            "\(missingKeys.joined(separator: ", ")): not in the source's card, so taken from the Space by every deploy"
                + (lines.isEmpty ? "" : " (to fix it: \(lines.joined(separator: ", ")))"))
    }
}

import FrontMatter

/// A backport of edits from the Space's README to the source's README, which a deploy combines with a
/// card.
struct ReadmeBackport: Sendable {
    /// The source's README; `nil` if it has none.
    let source: [UInt8]?
    /// The Space's README; `nil` if it was removed there.
    let space: [UInt8]?
    /// Keys of the card that were added, changed or removed on the Space.
    let keys: [String]
    /// Keys that the source changed as well.
    var conflicts: Set<String> = []
    /// Keys whose new value the source has already.
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

    /// - Parameter keys: keys of the card that were changed on the Space.
    init(source: [UInt8]?, space: [UInt8]?, keys: [String]) {
        (self.source, self.space, self.keys) = (source, space, keys)
    }

    /// Creates a backport of the edits that a part-by-part comparison found.
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

    /// Returns the keys of the card whose values differ.
    static func changedKeys(_ base: [UInt8], _ space: [UInt8]?) -> [String] {
        let (before, after) = (Card.read(base), Card.read(space ?? []))
        var seen: Set<String> = []
        return (before.keys + after.keys).filter { seen.insert($0).inserted }.filter {
            before.node(of: $0) != after.node(of: $0)
        }
    }

    /// Returns the source's README with the edits applied as far as possible, and adds notes on the
    /// other edits; `nil` if the Space has no README.
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
        let spaceCard = Card.read(space)
        var missingKeys: [String] = []
        for key in keys where !inSource.contains(key) {
            guard !conflicts.contains(key) else {
                notes.append("\(key) of the card was changed on both sides: bring it home by hand")
                continue
            }
            guard card.keys.contains(key) else {
                missingKeys.append(key)
                continue
            }
            do throws(CardError) {
                if let value = spaceCard.portableValue(key) {
                    try card.set(key, to: value)
                } else {
                    try card.remove(key)
                }
            } catch { notes.append("\(key) of the card cannot be set in the source: \(error)") }
        }
        addMissingKeyNotes(missingKeys, spaceCard)
        return card.bytes
    }

    /// Adds notes on edited keys that the source's card does not have.
    private mutating func addMissingKeyNotes(_ missingKeys: [String], _ card: CardDocument) {
        let settingLines = missingKeys.filter(undone.contains).compactMap { key in
            card.portableValue(key).map { "card = \(key): \($0)" }
        }
        if !settingLines.isEmpty {
            notes.append("not in the source's card; to keep it: \(settingLines.joined(separator: ", "))")
        }
        addCompletedKeyNotes(missingKeys.filter { !undone.contains($0) }, card)
    }

    /// Adds a note on keys that only the Space's card has: every deploy preserves them.
    private mutating func addCompletedKeyNotes(_ missingKeys: [String], _ card: CardDocument) {
        guard !missingKeys.isEmpty else { return }
        let lines = missingKeys.compactMap { key in card.portableValue(key).map { "card = \(key): \($0)" } }
        notes.append(
            "\(missingKeys.joined(separator: ", ")): not in the source's card, so taken from the Space by every deploy"
                + (lines.isEmpty ? "" : " (to fix it: \(lines.joined(separator: ", ")))"))
    }
}

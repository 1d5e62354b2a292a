import FrontMatter
import TextTools

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
            notes.append(
                "the text below the card was changed on both sides: merge it into the source by hand")
        }
        var card = Card.read(bytes)
        let spaceCard = Card.read(space)
        var missingKeys: [String] = []
        for key in keys where !inSource.contains(key) {
            guard !conflicts.contains(key) else {
                notes.append("\(key) of the card was changed on both sides: merge it into the source by hand")
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
            "\(missingKeys.joined(separator: ", ")): not in the source's card, so every deploy keeps the Space's value"
                + (lines.isEmpty ? "" : " (to set it: \(lines.joined(separator: ", ")))"))
    }
}

/// A part of a README that is compared and merged separately.
enum ReadmePart: Hashable, Sendable, CustomStringConvertible {
    /// A top-level key of the card.
    case key(String)
    /// The text below the card.
    case text

    var description: String {
        switch self {
        case .key(let key): key.shortened(to: 60).withoutControls
        case .text: "text below the card"
        }
    }
}

/// A README split into the keys of its card and the text below the card.
struct ReadmeSections: Sendable {
    let card: CardDocument
    let text: [UInt8]

    /// `nil` if the card cannot be parsed.
    init?(_ readme: [UInt8]) {
        card = Card.read(readme)
        guard card.syntaxErrors.isEmpty, card.outline.entries.allSatisfy({ $0.key != nil }) else {
            return nil
        }
        text = ReadmeBody(card).text
    }

    func hasSame(_ part: ReadmePart, as other: ReadmeSections) -> Bool {
        switch part {
        case .key(let key): card.node(of: key) == other.card.node(of: key)
        case .text: text == other.text
        }
    }

    /// Returns a fingerprint of a part's value. The formatting of the value does not count.
    func fingerprint(of part: ReadmePart) -> String {
        switch part {
        case .key(let key): (card.node(of: key)?.canonicalText ?? "").utf8.fingerprint
        case .text: text.fingerprint
        }
    }
}

/// The text of a README below its card.
struct ReadmeBody: Sendable {
    /// The card and the blank lines after it.
    let above: [UInt8]
    let text: [UInt8]

    init(_ readme: [UInt8]) { self.init(Card.read(readme)) }

    init(_ card: CardDocument) {
        let readme = card.bytes
        var reader = LineReader(bytes: readme, at: card.frontMatter?.yaml.upperBound ?? 0)
        if card.frontMatter != nil { _ = reader.next() }
        var start = reader.at
        while start < readme.count, readme[start].isLineEnd { start += 1 }
        (above, text) = (Array(readme[..<start]), Array(readme[start...]))
    }

    /// Returns the card with another text below it.
    func replacing(with text: [UInt8]) -> [UInt8] {
        let needsLineEnd = !text.isEmpty && above.last?.isLineEnd == false
        return above + (needsLineEnd ? [.newline] : []) + text
    }
}

extension YAMLNode {
    /// A text that is the same for two values exactly if the values are equal.
    fileprivate var canonicalText: String {
        switch self {
        case .scalar(let scalar):
            "\(scalar.isTyped ? "t" : "s")\(Self.lengthPrefixed(scalar.tag ?? ""))\(Self.lengthPrefixed(scalar.text))"
        case .alias(let name): "*\(Self.lengthPrefixed(name))"
        case .sequence(let items, let tag):
            "[\(Self.lengthPrefixed(tag ?? ""))\(items.map(\.canonicalText).joined())]"
        case .mapping(let pairs, let tag):
            "{\(Self.lengthPrefixed(tag ?? ""))\(pairs.map { $0.key.canonicalText + $0.value.canonicalText }.joined())}"
        }
    }

    private static func lengthPrefixed(_ text: String) -> String { "\(text.utf8.count):\(text)" }
}

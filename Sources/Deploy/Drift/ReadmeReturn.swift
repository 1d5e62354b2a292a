/// Brings what was changed in the Space's README home into the source's, where a card may have been laid over it.
struct ReadmeReturn: Sendable {
    /// The source's README.
    let source: [UInt8]?
    /// As the last deploy sent it.
    let base: [UInt8]
    /// The Space's; nil: it was removed there.
    let space: [UInt8]?
    /// What both sides did below the card, in one text; nil: they changed the same lines.
    let body: [UInt8]?

    private(set) var result: [UInt8]?
    private(set) var notes: [String] = []
    /// Of the card: added, changed or removed on the Space.
    private(set) var keys: [String] = []

    init(source: [UInt8]?, base: [UInt8], space: [UInt8]?, body: [UInt8]?) {
        (self.source, self.base, self.space, self.body) = (source, base, space, body)
        result = space
        keys = Self.changedKeys(base, space)
        guard let source, let space, source != base else { return }
        result = bring(space, into: source)
    }

    private static func changedKeys(_ base: [UInt8], _ space: [UInt8]?) -> [String] {
        let (before, after) = (Card.read(base), Card.read(space ?? []))
        var seen: Set<String> = []
        return (before.keys + after.keys).filter { seen.insert($0).inserted }.filter {
            before.node(of: $0) != after.node(of: $0)
        }
    }

    private mutating func bring(_ space: [UInt8], into source: [UInt8]) -> [UInt8] {
        var text = source
        let (mine, was, theirs) = (ReadmeBody(source), ReadmeBody(base), ReadmeBody(space))
        if was.text != theirs.text, mine.text != theirs.text {
            if mine.text == was.text {
                text = mine.above + theirs.text
            } else if let body {
                text = mine.above + body
            } else {
                notes.append("the text below the card was changed on both sides: bring it home by hand")
            }
        }
        var card = Card.read(text)
        let theirCard = Card.read(space)
        var kept: [String] = []
        for key in keys {
            guard card.keys.contains(key) else {
                kept.append(key)
                continue
            }
            do throws(CardProblem) {
                if let value = theirCard.portable(key) {
                    try card.set(key, to: value)
                } else {
                    try card.remove(key)
                }
            } catch { notes.append("\(key) of the card cannot be set in the source: \(error)") }
        }
        tell(kept, theirCard)
        return card.bytes
    }

    /// What only the Space's card says stays there with every deploy.
    private mutating func tell(_ kept: [String], _ card: CardDocument) {
        guard !kept.isEmpty else { return }
        let lines = kept.compactMap { key in card.portable(key).map { "card = \(key): \($0)" } }
        notes.append(
            "\(kept.joined(separator: ", ")): not in the source's card, so taken from the Space by every deploy"
                + (lines.isEmpty ? "" : " (to fix it: \(lines.joined(separator: ", ")))"))
    }
}

/// A README with its card taken apart.
struct ReadmeParts: Sendable {
    let body: [UInt8]
    private let card: CardDocument
    /// What stands above the first key.
    private let head: ArraySlice<UInt8>
    /// The lines of each key, with the comments behind them.
    private let entries: [String: ArraySlice<UInt8>]

    /// nil when there is no card, or one that cannot be read.
    init?(_ readme: [UInt8]) {
        let card = Card.read(readme)
        guard let matter = card.matter, card.broken.isEmpty else { return nil }
        let keys = card.outline.entries
        guard keys.allSatisfy({ $0.key != nil }) else { return nil }
        let starts = keys.map { card.shifted($0.start) } + [matter.yaml.upperBound]
        head = readme[..<starts[0]]
        entries = Dictionary(
            zip(keys, zip(starts, starts.dropFirst())).map { ($0.key ?? "", readme[$1.0..<$1.1]) }
        ) { first, _ in first }
        body = ReadmeBody(readme).text
        self.card = card
    }

    /// Whether all that was edited in another card since they were the same stands here.
    func holdsCard(of other: ReadmeParts, since base: ReadmeParts) -> Bool {
        guard other.head == base.head || other.head == head else { return false }
        return Set(base.entries.keys).union(other.entries.keys).allSatisfy { key in
            if other.entries[key] == base.entries[key] || other.entries[key] == entries[key] { return true }
            // Of a value that was edited, how it is written does not matter.
            return other.card.node(of: key) != base.card.node(of: key)
                && other.card.node(of: key) == card.node(of: key)
        }
    }
}

/// A README below its card.
struct ReadmeBody: Sendable {
    /// The card, and the blank lines behind it.
    let above: [UInt8]
    let text: [UInt8]

    init(_ readme: [UInt8]) {
        var reader = LineReader(bytes: readme, at: Card.read(readme).matter?.yaml.upperBound ?? 0)
        if Card.read(readme).matter != nil { _ = reader.next() }
        var start = reader.at
        while start < readme.count, readme[start].isLineEnd { start += 1 }
        (above, text) = (Array(readme[..<start]), Array(readme[start...]))
    }
}

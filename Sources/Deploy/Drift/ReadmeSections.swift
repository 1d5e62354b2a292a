import FrontMatter
import TextTools

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

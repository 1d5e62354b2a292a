import FrontMatter
import TextTools

/// A key of the card that a deploy adds or changes, for the plan.
package struct CardNote: Hashable, Sendable {
    package enum Origin: String, Hashable, Sendable {
        /// A `card` line of the settings.
        case setting = "set by card"
        /// The `cardFile` of the settings.
        case cardFile = "from cardFile"
        /// The Space's own README.
        case space = "kept from the Space"
        /// What the composition concluded (`sdk`, `app_port`).
        case dockerfile = "follows the Dockerfile"
        /// A README that had to be written.
        case written = "written by spacesync"
    }

    package var key: String
    /// As it stands in the README.
    package var value: String
    package var origin: Origin
    package var why: String { origin.rawValue }

    package init(key: String, value: String, origin: Origin) {
        (self.key, self.value, self.origin) = (key, value, origin)
    }
}

/// What the README of a Space is made of.
package struct ReadmeComposition: Sendable {
    /// The source's README.
    package var source: [UInt8]?
    /// The `cardFile`: YAML alone, or between two `---`.
    package var cardFile: [UInt8]?
    /// The Space's README.
    package var space: [UInt8]?
    package var settings: [CardSetting]
    /// What the Dockerfile (or its absence) means, where no card and no setting says it.
    package var sdk: String?
    package var appPort: Int?
    /// Keys that the Space's card completes where ours lacks them.
    package var completed: [String] = Self.firstContactKeys
    package static let firstContactKeys = ["title", "emoji", "colorFrom", "colorTo", "sdk", "license"]
    /// For a README that must be written from nothing.
    package var title: String

    package init(
        source: [UInt8]?, cardFile: [UInt8]? = nil, space: [UInt8]?, settings: [CardSetting] = [],
        sdk: String? = nil,
        appPort: Int? = nil, title: String
    ) {
        (self.source, self.cardFile, self.space, self.settings) = (source, cardFile, space, settings)
        (self.sdk, self.appPort, self.title) = (sdk, appPort, title)
    }

    /// The README, byte-identical when it needs nothing, and what was added or changed. The card is the source's, each
    /// key it lacks the `cardFile`'s; when neither has a card, the Space's; the settings go over it. Where the source has
    /// no README the Space's stays, with the `cardFile`'s keys set in it.
    /// - Throws: why a card cannot be read, with lines of the README (the Space's, where the source has none).
    package func compose() throws(CardProblem) -> (readme: [UInt8], notes: [CardNote]) {
        var draft = CardDraft(Card.read(source ?? space ?? []))
        if let problem = draft.document.broken.first { throw problem }
        if let file = cardFile { try take(file, into: &draft) }
        if source != nil { try complete(&draft) }
        for setting in settings { try draft.set(setting.key, to: setting.raw, .setting) }
        if source == nil, space == nil { try draft.fill("title", with: YAMLText.string(title), .written) }
        if let sdk { try draft.fill("sdk", with: YAMLText.string(sdk), .dockerfile) }
        if let appPort { try draft.fill("app_port", with: "\(appPort)", .dockerfile) }
        return (draft.document.bytes, draft.notes)
    }

    private func take(_ file: [UInt8], into draft: inout CardDraft) throws(CardProblem) {
        let (card, problem) = Self.cardFile(file)
        if let problem { throw CardProblem(key: problem.key, "cardFile, \(problem)") }
        guard source == nil else { return try merge(card, from: .cardFile, into: &draft) }
        for key in card.keys where card.holds(key) {
            if let value = card.portable(key) { try draft.set(key, to: value, .cardFile) }
        }
    }

    /// Takes what ours lacks from the Space's card; all of it where we have none. A broken card completes nothing: it
    /// is being replaced.
    private func complete(_ draft: inout CardDraft) throws(CardProblem) {
        guard let space, case let card = Card.read(space), card.broken.isEmpty else { return }
        let isCardless = draft.document.keys.isEmpty
        let changesKind = changesKind(from: card, to: draft.document)
        if isCardless, !changesKind, let whole = draft.document.taking(frontMatterOf: card) {
            draft.document = whole
            draft.notes += card.keys.map { CardNote(key: $0, value: card.written($0) ?? "", origin: .space) }
        } else {
            try merge(card, from: .space, into: &draft) { key in
                (isCardless || completed.contains(key)) && !(changesKind && Self.kindKeys.contains(key))
            }
        }
    }

    /// What belongs to one kind of Space, and would mislead another.
    private static let kindKeys = [
        "sdk_version", "app_file", "app_port", "app_build_command", "python_version",
    ]

    private func changesKind(from old: CardDocument, to new: CardDocument) -> Bool {
        let wanted = settings.last { $0.key == "sdk" }?.raw ?? new.value(of: "sdk")
        guard let wanted, let was = old.value(of: "sdk") else { return false }
        return wanted != was
    }

    private func merge(
        _ card: CardDocument, from origin: CardNote.Origin, into draft: inout CardDraft,
        _ isWanted: (String) -> Bool = { _ in true }
    ) throws(CardProblem) {
        for key in card.keys where isWanted(key) && card.holds(key) {
            guard let value = card.portable(key) else { continue }
            try draft.fill(key, with: value, origin)
        }
    }

    /// A card's YAML, with or without the `---` around it, and what is wrong with it, by the file's own lines.
    package static func cardFile(_ bytes: [UInt8]) -> (card: CardDocument, problem: CardProblem?) {
        var (card, linesAdded) = (Card.read(bytes), 0)
        if card.matter?.isClosed != true {
            let text = bytes.dropFirst(FrontMatter.byteOrderMark(bytes).count)
            let opening = text.starts(with: "---".utf8) ? [] : Array("---\n".utf8)
            let closing = text.last?.isLineEnd ?? true ? "---\n" : "\n---\n"
            (card, linesAdded) = (Card.read(opening + text + Array(closing.utf8)), opening.isEmpty ? 0 : 1)
        }
        guard var problem = card.broken.first else { return (card, nil) }
        problem.line = problem.line.map { $0 - linesAdded }
        return (card, problem)
    }
}

/// A card that is being put together.
private struct CardDraft {
    var document: CardDocument
    var notes: [CardNote] = []

    init(_ document: CardDocument) { self.document = document }

    mutating func set(_ key: String, to raw: String, _ origin: CardNote.Origin) throws(CardProblem) {
        guard try document.set(key, to: raw) else { return }
        notes.removeAll { $0.key == key }
        notes.append(CardNote(key: key, value: raw, origin: origin))
    }

    /// Sets what is not there yet.
    mutating func fill(_ key: String, with raw: String, _ origin: CardNote.Origin) throws(CardProblem) {
        if !document.holds(key) { try set(key, to: raw, origin) }
    }
}

extension CardDocument {
    /// The same body under another README's front matter, comments and all, with our line ends; nil when we have front
    /// matter of our own.
    fileprivate func taking(frontMatterOf other: CardDocument) -> CardDocument? {
        guard matter == nil, let theirs = other.matter, !other.keys.isEmpty else { return nil }
        let yaml = Array(other.bytes[theirs.yaml])
        var (reader, lines) = (LineReader(bytes: yaml), [[UInt8]]())
        while let line = reader.next() { lines.append(Array(yaml[line])) }
        let end = bytes.contains(where: \.isLineEnd) ? ownLineEnd : other.ownLineEnd
        return CardDocument(putOnTop(lines, lineEnd: end))
    }

    /// A key's value as YAML that can stand in another card: as it is written, nested lines and all; a value that
    /// leans on an alias only as the text it stands for.
    func portable(_ key: String) -> String? {
        guard let entry = entry(key), let matter else { return nil }
        guard entry.node.aliases.isEmpty, key != "<<" else { return value(of: key).map(YAMLText.string) }
        let yaml = bytes[matter.yaml]
        let isBelow = yaml[shifted(entry.colon)..<shifted(entry.valueStart)].contains { $0.isLineEnd }
        let written = yaml[shifted(isBelow ? entry.colon : entry.valueStart)..<shifted(entry.valueEnd)]
        var lines = LineReader(bytes: Array(written))
        var parts: [String] = []
        while let line = lines.next() {
            parts.append(lines.bytes[line].dropMargin(parts.isEmpty ? 0 : outline.indentation).text)
        }
        if isBelow { parts[0] = "" }
        return parts.joined(separator: "\n")
    }
}

extension ArraySlice<UInt8> {
    /// Without the indentation that all keys have.
    fileprivate func dropMargin(_ count: Int) -> ArraySlice<UInt8> {
        dropFirst(Swift.min(count, prefix { $0 == .space }.count))
    }
}

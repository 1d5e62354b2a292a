import FrontMatter
import TextTools

/// A key of the card that a deploy adds or changes, for the plan.
package struct CardChange: Hashable, Sendable {
    package enum Origin: String, Hashable, Sendable {
        /// A `card` line of the settings.
        case setting = "set by card"
        /// The `cardFile` of the settings.
        case cardFile = "from cardFile"
        /// The Space's README.
        case space = "kept from the Space"
        /// Derived from the Dockerfile (`sdk`, `app_port`).
        case dockerfile = "follows the Dockerfile"
        /// A generated README.
        case generated = "written by spacesync"
    }

    package var key: String
    /// The value as YAML, as in the README.
    package var value: String
    package var origin: Origin
    package var why: String { origin.rawValue }

    package init(key: String, value: String, origin: Origin) {
        (self.key, self.value, self.origin) = (key, value, origin)
    }
}

/// Composes the README of a Space from source, `cardFile`, Space and settings.
package struct ReadmeComposer: Sendable {
    /// The source's README.
    package var source: [UInt8]?
    /// The `cardFile`: YAML, with or without the two `---`.
    package var cardFile: [UInt8]?
    /// The Space's README.
    package var space: [UInt8]?
    package var settings: [CardSetting]
    /// Derived from the Dockerfile or its absence; used if no card or setting has the key.
    package var sdk: String?
    package var appPort: Int?
    /// Keys that are taken from the Space's card if the source's card lacks them.
    package var inheritedKeys: [String] = Self.defaultInheritedKeys
    package static let defaultInheritedKeys = ["title", "emoji", "colorFrom", "colorTo", "sdk", "license"]
    /// For a generated README.
    package var title: String

    package init(
        source: [UInt8]?, cardFile: [UInt8]? = nil, space: [UInt8]?, settings: [CardSetting] = [],
        sdk: String? = nil,
        appPort: Int? = nil, title: String
    ) {
        (self.source, self.cardFile, self.space, self.settings) = (source, cardFile, space, settings)
        (self.sdk, self.appPort, self.title) = (sdk, appPort, title)
    }

    /// Returns the README, byte-identical if nothing changes, and the keys that were added or
    /// changed.
    ///
    /// The card is the source's, completed with the keys of the `cardFile`; if neither has a card,
    /// it is the Space's. The settings override its keys. If the source has no README, the Space's
    /// README is kept, with the keys of the `cardFile` set in it.
    /// - Throws: `CardError` if a card cannot be read, with line numbers of the README (the Space's
    ///   if the source has none).
    package func compose() throws(CardError) -> (readme: [UInt8], changes: [CardChange]) {
        var draft = CardDraft(Card.read(source ?? space ?? []))
        if let problem = draft.document.syntaxErrors.first { throw problem }
        if let file = cardFile { try applyCardFile(file, into: &draft) }
        if source != nil { try fillFromSpace(&draft) }
        for setting in settings { try draft.set(setting.key, to: setting.raw, .setting) }
        if source == nil, space == nil { try draft.fill("title", with: YAMLText.string(title), .generated) }
        if let sdk { try draft.fill("sdk", with: YAMLText.string(sdk), .dockerfile) }
        if let appPort { try draft.fill("app_port", with: "\(appPort)", .dockerfile) }
        return (draft.document.bytes, draft.changes)
    }

    private func applyCardFile(_ file: [UInt8], into draft: inout CardDraft) throws(CardError) {
        let (card, problem) = Self.cardFile(file)
        if let problem { throw CardError(key: problem.key, "cardFile, \(problem)") }
        guard source == nil else { return try merge(card, from: .cardFile, into: &draft) }
        for key in card.keys where card.hasValue(key) {
            if let value = card.portableValue(key) { try draft.set(key, to: value, .cardFile) }
        }
    }

    /// Adds keys from the Space's card that the source's card lacks, or the complete card if the
    /// source has none. A Space's card with syntax errors is ignored: it is being replaced.
    private func fillFromSpace(_ draft: inout CardDraft) throws(CardError) {
        guard let space, case let card = Card.read(space), card.syntaxErrors.isEmpty else { return }
        let isCardless = draft.document.keys.isEmpty
        let changesSDK = self.changesSDK(from: card, to: draft.document)
        if isCardless, !changesSDK, let copy = draft.document.copying(frontMatterOf: card) {
            draft.document = copy
            draft.changes += card.keys.map {
                CardChange(key: $0, value: card.rawText($0) ?? "", origin: .space)
            }
        } else {
            try merge(card, from: .space, into: &draft) { key in
                (isCardless || inheritedKeys.contains(key)) && !(changesSDK && Self.sdkKeys.contains(key))
            }
        }
    }

    /// Keys that apply to one SDK only, and must not be taken over when the SDK changes.
    private static let sdkKeys = [
        "sdk_version", "app_file", "app_port", "app_build_command", "python_version",
    ]

    private func changesSDK(from old: CardDocument, to new: CardDocument) -> Bool {
        let newSDK = settings.last { $0.key == "sdk" }?.raw ?? new.value(of: "sdk")
        guard let newSDK, let oldSDK = old.value(of: "sdk") else { return false }
        return newSDK != oldSDK
    }

    private func merge(
        _ card: CardDocument, from origin: CardChange.Origin, into draft: inout CardDraft,
        _ isIncluded: (String) -> Bool = { _ in true }
    ) throws(CardError) {
        for key in card.keys where isIncluded(key) && card.hasValue(key) {
            guard let value = card.portableValue(key) else { continue }
            try draft.fill(key, with: value, origin)
        }
    }

    /// Returns the card of a YAML file with or without `---`, and its first error, with the line
    /// numbers of the file.
    package static func cardFile(_ bytes: [UInt8]) -> (card: CardDocument, problem: CardError?) {
        var (card, linesAdded) = (Card.read(bytes), 0)
        if card.frontMatter?.isClosed != true {
            let text = bytes.dropFirst(FrontMatterRange.byteOrderMark(bytes).count)
            let opening = text.starts(with: "---".utf8) ? [] : Array("---\n".utf8)
            let closing = text.last?.isLineEnd ?? true ? "---\n" : "\n---\n"
            (card, linesAdded) = (Card.read(opening + text + Array(closing.utf8)), opening.isEmpty ? 0 : 1)
        }
        guard var problem = card.syntaxErrors.first else { return (card, nil) }
        problem.line = problem.line.map { $0 - linesAdded }
        return (card, problem)
    }
}

/// A card under construction.
private struct CardDraft {
    var document: CardDocument
    var changes: [CardChange] = []

    init(_ document: CardDocument) { self.document = document }

    mutating func set(_ key: String, to raw: String, _ origin: CardChange.Origin) throws(CardError) {
        guard try document.set(key, to: raw) else { return }
        changes.removeAll { $0.key == key }
        changes.append(CardChange(key: key, value: raw, origin: origin))
    }

    /// Sets a key that has no value yet.
    mutating func fill(_ key: String, with raw: String, _ origin: CardChange.Origin) throws(CardError) {
        if !document.hasValue(key) { try set(key, to: raw, origin) }
    }
}

extension CardDocument {
    /// Returns this body with the front matter of another README, including its comments, and with
    /// this document's line ends; `nil` if this document has front matter.
    fileprivate func copying(frontMatterOf other: CardDocument) -> CardDocument? {
        guard frontMatter == nil, let otherMatter = other.frontMatter, !other.keys.isEmpty else { return nil }
        let yaml = Array(other.bytes[otherMatter.yaml])
        var (reader, lines) = (LineReader(bytes: yaml), [[UInt8]]())
        while let line = reader.next() { lines.append(Array(yaml[line])) }
        let end = bytes.contains(where: \.isLineEnd) ? firstLineEnd : other.firstLineEnd
        return CardDocument(addingFrontMatterLines(lines, lineEnd: end))
    }

    /// Returns a key's value as YAML that is valid in another card, including nested lines. A value
    /// that uses an alias is returned as the resolved text.
    func portableValue(_ key: String) -> String? {
        guard let entry = entry(key), let frontMatter else { return nil }
        guard entry.node.aliases.isEmpty, key != "<<" else { return value(of: key).map(YAMLText.string) }
        let yaml = bytes[frontMatter.yaml]
        let startsBelowKey = yaml[readmeOffset(entry.colon)..<readmeOffset(entry.valueStart)].contains {
            $0.isLineEnd
        }
        let rawText = yaml[
            readmeOffset(startsBelowKey ? entry.colon : entry.valueStart)..<readmeOffset(entry.valueEnd)]
        var lines = LineReader(bytes: Array(rawText))
        var parts: [String] = []
        while let line = lines.next() {
            // Removes the indentation that all keys share.
            let indentation = parts.isEmpty ? 0 : outline.indentation
            let text = lines.bytes[line]
            parts.append(text.dropFirst(min(indentation, text.prefix { $0 == .space }.count)).text)
        }
        if startsBelowKey { parts[0] = "" }
        return parts.joined(separator: "\n")
    }
}

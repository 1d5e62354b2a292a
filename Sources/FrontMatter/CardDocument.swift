import TextTools

/// A README with its card (the YAML between two `---` at its top), read and edited line by line: what is not set stays
/// byte for byte.
package struct CardDocument: Hashable, Sendable {
    /// The whole README.
    package let bytes: [UInt8]
    package let matter: FrontMatter?
    package let outline: YAMLReader.Outline
    private let anchors: [YAMLReader.Anchor]

    package init(_ readme: [UInt8]) {
        bytes = readme
        var found = FrontMatter(readme)
        var reader = YAMLReader(found.map { Array(readme[$0.yaml]) } ?? [])
        var outline = reader.outline()
        // Two rulers of Markdown with prose between them are no card.
        if let matter = found, outline.entries.isEmpty, matter.isProse(readme) {
            (found, outline) = (nil, YAMLReader.Outline())
        }
        (matter, self.outline, anchors) = (found, outline, reader.anchors)
    }

    package var hasFrontMatter: Bool { matter != nil }

    /// What makes the front matter unreadable, with lines of the README; empty when it can be read and edited.
    package var broken: [CardProblem] {
        guard let matter else { return [] }
        if !matter.isClosed {
            return [
                CardProblem(
                    line: matter.linesBefore, "the front matter that begins here is never closed by ---")
            ]
        }
        return outline.problems.map { problem in
            var problem = problem
            problem.line = problem.line.map { $0 + matter.linesBefore }
            return problem
        }
    }

    /// The top-level keys, in order.
    package var keys: [String] { outline.entries.compactMap(\.key) }

    /// The line of the README that a key stands on.
    package func line(of key: String) -> Int? {
        entry(key).flatMap { entry in matter.map { $0.linesBefore + entry.line + 1 } }
    }

    /// What YAML reads for a key, as text; nil when the key is not there, holds nothing, or holds a list or mapping.
    package func value(of key: String) -> String? {
        guard case .scalar(let scalar) = node(of: key), !scalar.isNull else { return nil }
        return scalar.text
    }

    /// Whether a key is there and holds something.
    package func holds(_ key: String) -> Bool {
        guard let node = node(of: key) else { return false }
        return node.scalar?.isNull != true
    }

    /// The value of a key as it is written, without its comment; nil when the key is not there.
    package func written(_ key: String) -> String? {
        guard let entry = entry(key), let matter else { return nil }
        return bytes[matter.yaml][shifted(entry.valueStart)..<shifted(entry.valueEnd)].text
    }

    package func shifted(_ place: Int) -> Int { place + (matter?.yaml.lowerBound ?? 0) }

    package func entry(_ key: String) -> CardEntry? { outline.entries.first { $0.key == key } }

    /// What a key means, with aliases and merged mappings (`<<: *defaults`) followed.
    package func node(of key: String) -> YAMLNode? {
        if let entry = entry(key) { return followed(entry.node, before: entry.colon) }
        guard let merge = entry("<<") else { return nil }
        return merged(key, from: merge.node, before: merge.colon)
    }

    /// - Parameter inList: lists of mappings may be merged (https://yaml.org/type/merge.html), lists of lists may not:
    ///   a few of them that name each other would take for ever to look through.
    private func merged(
        _ key: String, from node: YAMLNode, before place: Int, inList: Bool = false
    ) -> YAMLNode? {
        switch followed(node, before: place) {
        case .mapping(let pairs, _): return pairs.last { $0.key.scalar?.text == key }?.value
        case .sequence(let items, _) where !inList:
            return items.lazy.compactMap { merged(key, from: $0, before: place, inList: true) }.first
        default: return nil
        }
    }

    private func followed(_ node: YAMLNode, before place: Int) -> YAMLNode? {
        var (node, place) = (node, place)
        for _ in 0..<YAMLLimit.aliases {
            guard case .alias(let name) = node else { return node }
            guard let anchor = anchors.last(where: { $0.name == name && $0.place < place }) else {
                return nil
            }
            (node, place) = (anchor.node, anchor.place)
        }
        return nil
    }

    /// The anchors that stand in an entry and that another entry uses.
    func sharedAnchors(of entry: CardEntry) -> [String] {
        let names = anchors.filter { (entry.start..<max(entry.valueEnd, entry.start)).contains($0.place) }
            .map(\.name)
        let used = Set(outline.entries.filter { $0.start != entry.start }.flatMap(\.node.aliases))
        return names.filter(used.contains)
    }
}

/// The README's card.
package enum Card {
    package static func read(_ readme: [UInt8]) -> CardDocument { CardDocument(readme) }
}

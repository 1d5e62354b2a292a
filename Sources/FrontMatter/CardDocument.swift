import TextTools

/// A README with its card (the YAML between two `---` at its top), read and edited line by line: what is not set stays
/// byte for byte.
package struct CardDocument: Hashable, Sendable {
    /// The whole README.
    package let bytes: [UInt8]
    package let frontMatter: FrontMatter?
    package let outline: YAMLReader.TopLevelIndex
    private let anchors: [YAMLReader.Anchor]

    package init(_ readme: [UInt8]) {
        bytes = readme
        var found = FrontMatter(readme)
        var reader = YAMLReader(found.map { Array(readme[$0.yaml]) } ?? [])
        var outline = reader.outline()
        // Two rulers of Markdown with prose between them are no card.
        if let matter = found, outline.entries.isEmpty, matter.isProse(readme) {
            (found, outline) = (nil, YAMLReader.TopLevelIndex())
        }
        (frontMatter, self.outline, anchors) = (found, outline, reader.anchors)
    }

    package var hasFrontMatter: Bool { frontMatter != nil }

    /// What makes the front matter unreadable, with lines of the README; empty when it can be read and edited.
    package var syntaxErrors: [CardError] {
        guard let frontMatter else { return [] }
        if !frontMatter.isClosed {
            return [
                CardError(
                    line: frontMatter.linesBefore, "the front matter that begins here is never closed by ---")
            ]
        }
        return outline.problems.map { problem in
            var problem = problem
            problem.line = problem.line.map { $0 + frontMatter.linesBefore }
            return problem
        }
    }

    /// The top-level keys, in order.
    package var keys: [String] { outline.entries.compactMap(\.key) }

    /// The line of the README that a key stands on.
    package func line(of key: String) -> Int? {
        entry(key).flatMap { entry in frontMatter.map { $0.linesBefore + entry.line + 1 } }
    }

    /// What YAML reads for a key, as text; nil when the key is not there, holds nothing, or holds a list or mapping.
    package func value(of key: String) -> String? {
        guard case .scalar(let scalar) = node(of: key), !scalar.isNull else { return nil }
        return scalar.text
    }

    /// Whether a key is there and holds something.
    package func hasValue(_ key: String) -> Bool {
        guard let node = node(of: key) else { return false }
        return node.scalar?.isNull != true
    }

    /// The value of a key as it is written, without its comment; nil when the key is not there.
    package func rawText(_ key: String) -> String? {
        guard let entry = entry(key), let frontMatter else { return nil }
        return bytes[frontMatter.yaml][readmeOffset(entry.valueStart)..<readmeOffset(entry.valueEnd)].text
    }

    package func readmeOffset(_ offset: Int) -> Int { offset + (frontMatter?.yaml.lowerBound ?? 0) }

    package func entry(_ key: String) -> CardEntry? { outline.entries.first { $0.key == key } }

    /// What a key means, with aliases and merged mappings (`<<: *defaults`) followed.
    package func node(of key: String) -> YAMLNode? {
        if let entry = entry(key) { return resolvingAliases(entry.node, before: entry.colon) }
        guard let merge = entry("<<") else { return nil }
        return mergedValue(key, from: merge.node, before: merge.colon)
    }

    /// - Parameter inList: lists of mappings may be merged (https://yaml.org/type/merge.html), lists of lists may not:
    ///   a few of them that name each other would take for ever to look through.
    private func mergedValue(
        _ key: String, from node: YAMLNode, before offset: Int, inList: Bool = false
    ) -> YAMLNode? {
        switch resolvingAliases(node, before: offset) {
        case .mapping(let pairs, _): return pairs.last { $0.key.scalar?.text == key }?.value
        case .sequence(let items, _) where !inList:
            return items.lazy.compactMap { mergedValue(key, from: $0, before: offset, inList: true) }.first
        default: return nil
        }
    }

    private func resolvingAliases(_ node: YAMLNode, before offset: Int) -> YAMLNode? {
        var (node, offset) = (node, offset)
        for _ in 0..<YAMLLimit.aliases {
            guard case .alias(let name) = node else { return node }
            guard let anchor = anchors.last(where: { $0.name == name && $0.offset < offset }) else {
                return nil
            }
            (node, offset) = (anchor.node, anchor.offset)
        }
        return nil
    }

    /// The anchors that stand in an entry and that another entry uses.
    func sharedAnchors(of entry: CardEntry) -> [String] {
        let names = anchors.filter { (entry.start..<max(entry.valueEnd, entry.start)).contains($0.offset) }
            .map(\.name)
        let used = Set(outline.entries.filter { $0.start != entry.start }.flatMap(\.node.aliases))
        return names.filter(used.contains)
    }
}

/// The README's card.
package enum Card {
    package static func read(_ readme: [UInt8]) -> CardDocument { CardDocument(readme) }
}

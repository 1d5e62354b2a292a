import TextTools

/// A README with its card, the YAML front matter between two `---` at its top. Edits change only
/// the lines of the edited key; all other bytes are preserved.
package struct CardDocument: Hashable, Sendable {
    /// The complete README.
    package let bytes: [UInt8]
    package let frontMatter: FrontMatterRange?
    package let outline: YAMLReader.TopLevelIndex
    private let anchors: [YAMLReader.Anchor]

    package init(_ readme: [UInt8]) {
        bytes = readme
        var frontMatter = FrontMatterRange(readme)
        var reader = YAMLReader(frontMatter.map { Array(readme[$0.yaml]) } ?? [])
        var outline = reader.outline()
        // Two Markdown rulers with prose between them are not a card.
        if let matter = frontMatter, outline.entries.isEmpty, matter.isProse(readme) {
            (frontMatter, outline) = (nil, YAMLReader.TopLevelIndex())
        }
        (self.frontMatter, self.outline, anchors) = (frontMatter, outline, reader.anchors)
    }

    package var hasFrontMatter: Bool { frontMatter != nil }

    /// The syntax errors of the front matter, with line numbers of the README; empty if it can be
    /// parsed and edited.
    package var syntaxErrors: [CardError] {
        guard let frontMatter else { return [] }
        if !frontMatter.isClosed {
            return [
                CardError(
                    line: frontMatter.linesBefore, "the front matter that starts here is not closed with ---")
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

    /// Returns the line of the README on which a key begins.
    package func line(of key: String) -> Int? {
        entry(key).flatMap { entry in frontMatter.map { $0.linesBefore + entry.line + 1 } }
    }

    /// Returns the value of a key as text; `nil` if the key is missing or empty, or has a list or
    /// mapping.
    package func value(of key: String) -> String? {
        guard case .scalar(let scalar) = node(of: key), !scalar.isNull else { return nil }
        return scalar.text
    }

    /// Whether a key exists and is not null.
    package func hasValue(_ key: String) -> Bool {
        guard let node = node(of: key) else { return false }
        return node.scalar?.isNull != true
    }

    /// Returns the value of a key as written, without its comment; `nil` if the key is missing.
    package func rawText(_ key: String) -> String? {
        guard let entry = entry(key), let frontMatter else { return nil }
        return bytes[frontMatter.yaml][readmeOffset(entry.valueStart)..<readmeOffset(entry.valueEnd)].text
    }

    package func readmeOffset(_ offset: Int) -> Int { offset + (frontMatter?.yaml.lowerBound ?? 0) }

    package func entry(_ key: String) -> CardEntry? { outline.entries.first { $0.key == key } }

    /// Returns the value of a key, with aliases and merged mappings (`<<: *defaults`) resolved.
    package func node(of key: String) -> YAMLNode? {
        if let entry = entry(key) { return resolvingAliases(entry.node, before: entry.colon) }
        guard let merge = entry("<<") else { return nil }
        return mergedValue(key, from: merge.node, before: merge.colon)
    }

    /// - Parameter inList: whether the node is an item of a list. Lists of mappings may be merged
    ///   (https://yaml.org/type/merge.html), lists of lists may not: a few that refer to each other
    ///   would take exponential time.
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

    /// Returns the anchors inside an entry that other entries use.
    func sharedAnchors(of entry: CardEntry) -> [String] {
        let names = anchors.filter { (entry.start..<max(entry.valueEnd, entry.start)).contains($0.offset) }
            .map(\.name)
        let used = Set(outline.entries.filter { $0.start != entry.start }.flatMap(\.node.aliases))
        return names.filter(used.contains)
    }
}

/// Parsing of a README's card.
package enum Card {
    package static func read(_ readme: [UInt8]) -> CardDocument { CardDocument(readme) }
}

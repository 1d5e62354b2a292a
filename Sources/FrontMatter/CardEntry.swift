import TextTools

/// One top-level `key: value` of a card, and where it stands in the YAML.
package struct CardEntry: Hashable, Sendable {
    /// nil for a key that is no text (`? [a, b]`).
    package var key: String?
    package var node: YAMLNode
    /// Lines of the YAML, from 0.
    var line: Int
    /// Where the line of the key begins.
    var start: Int
    /// Behind the colon.
    package var colon: Int
    /// Where the value begins, anchors and tags included; the same as `colon` when there is none.
    package var valueStart: Int
    /// Behind the value's last byte.
    package var valueEnd: Int
}

extension YAMLReader {
    /// What a card's YAML holds, as far as it can be read, and all that is wrong with it.
    package struct TopLevelIndex: Hashable, Sendable {
        package var entries: [CardEntry] = []
        var problems: [CardError] = []
        /// The column of its keys.
        package var indentation = 0
        /// Where a further entry may be put.
        var end = 0
    }

    /// Reads the whole as one block mapping.
    mutating func outline() -> TopLevelIndex {
        var outline = TopLevelIndex()
        guard bytes.count <= YAMLLimit.size else {
            let reason = "the front matter has \(bytes.count.asSize); at most 512 KiB are read"
            outline.problems.append(CardError(line: 1, reason))
            return outline
        }
        outline.problems += stopAtDocumentEnd()
        outline.end = end
        skipTrivia()
        guard !isAtEnd else { return outline }
        outline.indentation = column
        if let refusal = blockingProblem {
            outline.problems.append(refusal)
            return outline
        }
        while !isAtEnd, outline.problems.count < 20, outline.entries.count <= YAMLLimit.keys {
            do throws(CardError) { outline.entries.append(try entry(outline.indentation)) } catch {
                outline.problems.append(error)
                skipBroken(outline.indentation)
            }
            skipTrivia()
        }
        if outline.entries.count > YAMLLimit.keys {
            outline.problems.append(problem("more than \(YAMLLimit.keys) keys; at most so many are read"))
        }
        outline.problems += duplicates(outline.entries)
        return outline
    }

    private var blockingProblem: CardError? {
        if isDash {
            return problem("the front matter is a list; the Hub wants one \u{201C}key: value\u{201D} a line")
        }
        if here == UInt8(ascii: "{") || here == UInt8(ascii: "[") {
            return problem(
                "the front matter is written in brackets; write one \u{201C}key: value\u{201D} a line")
        }
        return nil
    }

    private mutating func entry(_ indentation: Int) throws(CardError) -> CardEntry {
        let (startLine, start) = (line, lineStart)
        guard !bytes[lineStart..<at].contains(.tab) else {
            throw problem("a tab in the indentation; YAML takes spaces only")
        }
        guard column == indentation, !isDash else { throw notAnEntry }
        if isExplicitKey {
            let pair = try complexPair()
            return CardEntry(
                key: nil, node: pair.value, line: startLine, start: start, colon: at, valueStart: at,
                valueEnd: contentEnd)
        }
        let key = try key()
        let colon = at
        var ahead = self
        ahead.skipTrivia()
        let node = try node(parent: indentation, .value)
        let hasValue = contentEnd > colon
        return CardEntry(
            key: key.scalar?.text, node: node, line: startLine, start: start, colon: colon,
            valueStart: hasValue ? ahead.at : colon, valueEnd: contentEnd)
    }

    /// Goes on at the next line that looks like an entry, so that one fault does not hide the next.
    private mutating func skipBroken(_ indentation: Int) {
        repeat {
            skipToLineEnd()
            advanceLine()
            skipTrivia()
        } while !isAtEnd && !(column == indentation && isKeyAhead)
    }

    /// `...` ends the document; only comments may follow.
    private mutating func stopAtDocumentEnd() -> [CardError] {
        var lines = LineReader(bytes: bytes)
        var place = 0
        while let line = lines.next() {
            let text = bytes[line]
            if text.starts(with: "--- ".utf8) || text.starts(with: "---\t".utf8) {
                return [CardError(line: place + 1, "a second document begins here; the Hub reads one")]
            }
            if text.starts(with: "...".utf8), text.dropFirst(3).allSatisfy(\.isBlank) {
                stop(at: line.lowerBound)
                guard hasMoreContent(lines) else { return [] }
                return [
                    CardError(line: place + 1, "text behind \u{201C}...\u{201D}, which ends the document")
                ]
            }
            place = lines.count
        }
        return []
    }

    /// Whether a line that is neither blank nor a comment follows.
    private func hasMoreContent(_ lines: LineReader) -> Bool {
        var lines = lines
        while let line = lines.next() {
            if let first = bytes[line].trimmingBlanks.first, first != .hash { return true }
        }
        return false
    }

    private func duplicates(_ entries: [CardEntry]) -> [CardError] {
        var seen: Set<String> = []
        return entries.compactMap { entry in
            guard let key = entry.key, !seen.insert(key).inserted else { return nil }
            return CardError(
                line: entry.line + 1, key: key, "duplicated mapping key \u{201C}\(key)\u{201D}")
        }
    }
}

import TextTools

/// A top-level `key: value` of a card, with its position in the YAML. All positions are byte
/// offsets.
package struct CardEntry: Hashable, Sendable {
    /// `nil` if the key is not a text (`? [a, b]`).
    package var key: String?
    package var node: YAMLNode
    /// The line in the YAML, from 0.
    var line: Int
    /// The start of the key's line.
    var start: Int
    /// The offset after the colon.
    package var colon: Int
    /// The start of the value including anchors and tags; equal to `colon` if there is no value.
    package var valueStart: Int
    /// The end of the value, after its last byte.
    package var valueEnd: Int
}

extension YAMLReader {
    /// The parsed entries of a card's YAML, and all errors in it.
    package struct TopLevelIndex: Hashable, Sendable {
        package var entries: [CardEntry] = []
        var problems: [CardError] = []
        /// The column of its keys.
        package var indentation = 0
        /// The offset at which a new entry can be inserted.
        var end = 0
    }

    /// Parses the YAML as one block mapping.
    mutating func outline() -> TopLevelIndex {
        var outline = TopLevelIndex()
        guard bytes.count <= YAMLLimit.size else {
            let reason = "the front matter is \(bytes.count.asSize); the limit is 512 KiB"
            outline.problems.append(CardError(line: 1, reason))
            return outline
        }
        outline.problems += stopAtDocumentEnd()
        outline.end = end
        skipTrivia()
        guard !isAtEnd else { return outline }
        outline.indentation = column
        if let blockingProblem {
            outline.problems.append(blockingProblem)
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
            outline.problems.append(problem("more than \(YAMLLimit.keys) keys, which is the limit"))
        }
        outline.problems += duplicates(outline.entries)
        return outline
    }

    private var blockingProblem: CardError? {
        if isDash {
            return problem(
                "the front matter is a list; the Hub requires one \u{201C}key: value\u{201D} per line")
        }
        if here == UInt8(ascii: "{") || here == UInt8(ascii: "[") {
            return problem(
                "the front matter is in brackets; write one \u{201C}key: value\u{201D} per line")
        }
        return nil
    }

    private mutating func entry(_ indentation: Int) throws(CardError) -> CardEntry {
        let (startLine, start) = (line, lineStart)
        guard !bytes[lineStart..<at].contains(.tab) else {
            throw problem("the indentation contains a tab; use spaces")
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
        var valueReader = self
        valueReader.skipTrivia()
        let node = try node(parent: indentation, .value)
        let hasValue = contentEnd > colon
        return CardEntry(
            key: key.scalar?.text, node: node, line: startLine, start: start, colon: colon,
            valueStart: hasValue ? valueReader.at : colon, valueEnd: contentEnd)
    }

    /// Continues at the next line that looks like an entry, so that one error does not hide the
    /// next.
    private mutating func skipBroken(_ indentation: Int) {
        repeat {
            skipToLineEnd()
            advanceLine()
            skipTrivia()
        } while !isAtEnd && !(column == indentation && isKeyAhead)
    }

    /// Stops reading at `...`, which ends the document; only comments may follow.
    private mutating func stopAtDocumentEnd() -> [CardError] {
        var lines = LineReader(bytes: bytes)
        var lineIndex = 0
        while let line = lines.next() {
            let text = bytes[line]
            if text.starts(with: "--- ".utf8) || text.starts(with: "---\t".utf8) {
                return [
                    CardError(
                        line: lineIndex + 1, "a second document starts here; the Hub reads only the first")
                ]
            }
            if text.starts(with: "...".utf8), text.dropFirst(3).allSatisfy(\.isBlank) {
                stop(at: line.lowerBound)
                guard hasMoreContent(lines) else { return [] }
                return [
                    CardError(line: lineIndex + 1, "text after \u{201C}...\u{201D}, which ends the document")
                ]
            }
            lineIndex = lines.count
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
        var seenKeys: Set<String> = []
        return entries.compactMap { entry in
            guard let key = entry.key, !seenKeys.insert(key).inserted else { return nil }
            return CardError(
                line: entry.line + 1, key: key, "duplicated mapping key \u{201C}\(key)\u{201D}")
        }
    }
}

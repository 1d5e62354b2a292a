import TextTools

extension CardDocument {
    /// Sets a top-level key to a value, written as YAML. Replaces all lines of an existing value;
    /// otherwise adds a line at the end of the card, and adds a card if the README has none. A
    /// value equal in YAML to the existing one changes nothing.
    /// - Returns: whether something changed.
    /// - Throws: `CardError` if the front matter or the value cannot be parsed, or if another key
    ///   uses an anchor in the existing value.
    @discardableResult
    package mutating func set(_ key: String, to raw: String) throws(CardError) -> Bool {
        if let problem = syntaxErrors.first { throw problem }
        let expected = try Self.parseValue(of: raw, key: key)
        if let entry = entry(key), entry.node == expected { return false }
        let edited =
            try entry(key).map { entry throws(CardError) in try replacing(entry, with: raw) }
            ?? appending(key, raw)
        try applyEdit(edited, reading: expected, for: key)
        return true
    }

    /// Removes a top-level key with all lines of its value.
    /// - Returns: whether the key existed.
    @discardableResult
    package mutating func remove(_ key: String) throws(CardError) -> Bool {
        if let problem = syntaxErrors.first { throw problem }
        guard let entry = entry(key) else { return false }
        try rejectSharedAnchors(entry)
        var lines = LineReader(bytes: bytes, at: readmeOffset(entry.valueEnd))
        _ = lines.next()
        try applyEdit(spliced(readmeOffset(entry.start)..<lines.at, []), reading: nil, for: key)
        return true
    }

    /// Returns the parsed value of YAML text that follows a key.
    static func parseValue(of raw: String, key: String) throws(CardError) -> YAMLNode {
        let document = CardDocument(Array("---\nvalue: \(raw)\n---\n".utf8))
        let isSingleValue = document.keys == ["value"] && document.outline.end == "value: \(raw)\n".utf8.count
        let reason =
            document.syntaxErrors.first?.reason ?? (isSingleValue ? nil : "the text is more than one value")
        if let reason { throw CardError(key: key, "\(key): \(reason)") }
        return document.entry("value")?.node ?? .null
    }

    private func rejectSharedAnchors(_ entry: CardEntry) throws(CardError) {
        guard let name = sharedAnchors(of: entry).first else { return }
        let key = entry.key ?? "?"
        throw CardError(
            line: line(of: key), key: key,
            "\(key): another key uses its value with *\(name); change it in the README")
    }

    private func replacing(_ entry: CardEntry, with raw: String) throws(CardError) -> [UInt8] {
        try rejectSharedAnchors(entry)
        let (colon, end) = (readmeOffset(entry.colon), readmeOffset(entry.valueEnd))
        var lines = LineReader(bytes: bytes, at: colon)
        let keyLine = lines.next() ?? colon..<colon
        let isValueOnKeyLine =
            readmeOffset(entry.valueStart) < keyLine.upperBound && end <= keyLine.upperBound
        let isOneLine = !raw.utf8.contains(.newline)
        if !raw.isEmpty, entry.valueStart > entry.colon, isValueOnKeyLine, isOneLine {
            return spliced(readmeOffset(entry.valueStart)..<end, Array(raw.utf8))
        }
        let isValueBelowKey = end > keyLine.upperBound && readmeOffset(entry.valueStart) > keyLine.upperBound
        let value = afterColon(raw, lineEnd: lineEnd(at: keyLine.upperBound))
        if isOneLine, isValueBelowKey {
            // Keeps the comment after `key:`.
            return Array(bytes[..<colon]) + value + bytes[keyLine] + bytes[end...]
        }
        return spliced(colon..<(isOneLine ? end : max(end, keyLine.upperBound)), value)
    }

    private func appending(_ key: String, _ raw: String) -> [UInt8] {
        guard let frontMatter else { return addingFrontMatter(key, raw) }
        let offset = frontMatter.yaml.lowerBound + outline.end
        let end = lineEnd(before: offset)
        let margin = Array(repeating: UInt8.space, count: outline.indentation)
        let line = margin + Array("\(YAMLText.key(key)):".utf8) + afterColon(raw, lineEnd: end) + end
        return spliced(offset..<offset, line)
    }

    private func addingFrontMatter(_ key: String, _ raw: String) -> [UInt8] {
        let end = firstLineEnd
        let line = Array("\(YAMLText.key(key)):".utf8) + afterColon(raw, lineEnd: end)
        return addingFrontMatterLines([line], lineEnd: end)
    }

    /// Returns the file with these lines of YAML as front matter, after a byte order mark if there
    /// is one.
    package func addingFrontMatterLines(_ yaml: [[UInt8]], lineEnd: [UInt8]) -> [UInt8] {
        let fence = Array("---".utf8)
        let front = ([fence] + yaml + [fence]).flatMap { $0 + lineEnd }
        let mark = Array(FrontMatterRange.byteOrderMark(bytes))
        return mark + front + Array(bytes.dropFirst(mark.count))
    }

    /// The first line end of the file; LF if it has none.
    package var firstLineEnd: [UInt8] { bytes.firstIndex(where: \.isLineEnd).map(lineEnd(at:)) ?? [.newline] }

    private func afterColon(_ raw: String, lineEnd: [UInt8]) -> [UInt8] {
        let startsBelowKey = raw.isEmpty || raw.utf8.first == .newline
        return (startsBelowKey ? [] : [.space]) + indented(raw, lineEnd: lineEnd)
    }

    /// Returns a multi-line value with this file's line ends, indented like the card's keys.
    private func indented(_ raw: String, lineEnd: [UInt8]) -> [UInt8] {
        let margin = Array(repeating: UInt8.space, count: outline.indentation)
        let lines = raw.utf8.split(separator: .newline, omittingEmptySubsequences: false)
        return Array(lines.map { Array($0) }.joined(separator: lineEnd + margin))
    }

    private func spliced(_ range: Range<Int>, _ new: [UInt8]) -> [UInt8] {
        Array(bytes[..<range.lowerBound]) + new + bytes[range.upperBound...]
    }

    /// Returns the line end at an offset; LF if there is none.
    func lineEnd(at offset: Int) -> [UInt8] {
        guard offset < bytes.count, bytes[offset].isLineEnd else { return [.newline] }
        let isPair =
            bytes[offset] == .carriageReturn && offset + 1 < bytes.count && bytes[offset + 1] == .newline
        return isPair ? [.carriageReturn, .newline] : [bytes[offset]]
    }

    private func lineEnd(before offset: Int) -> [UInt8] {
        guard offset > 0, bytes[offset - 1].isLineEnd else { return [.newline] }
        let isPair = bytes[offset - 1] == .newline && offset > 1 && bytes[offset - 2] == .carriageReturn
        return isPair ? [.carriageReturn, .newline] : [bytes[offset - 1]]
    }

    /// Accepts the edited bytes if the key has the expected value and all other keys are unchanged.
    private mutating func applyEdit(_ edited: [UInt8], reading expected: YAMLNode?, for key: String)
        throws(CardError)
    {
        let editedDocument = CardDocument(edited)
        let otherNodes = outline.entries.filter { $0.key != key }.map(\.node)
        let otherNodesAfter = editedDocument.outline.entries.filter { $0.key != key }.map(\.node)
        guard editedDocument.syntaxErrors.isEmpty, editedDocument.entry(key)?.node == expected,
            otherNodes == otherNodesAfter
        else {
            throw CardError(
                line: line(of: key), key: key, "\(key): cannot be changed safely; change it in the README")
        }
        self = editedDocument
    }
}

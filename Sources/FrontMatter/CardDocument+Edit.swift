import TextTools

extension CardDocument {
    /// Gives a top-level key this value, written as YAML: in place of the old one (of all its lines), else on a new
    /// line at the end of the card, which is made when the README has none. A value that means the same as the old one
    /// changes nothing.
    /// - Returns: whether something changed.
    /// - Throws: why the front matter or the value cannot be read, or that another key leans on the old value.
    @discardableResult
    package mutating func set(_ key: String, to raw: String) throws(CardError) -> Bool {
        if let problem = syntaxErrors.first { throw problem }
        let wanted = try Self.parseValue(of: raw, key: key)
        if let entry = entry(key), entry.node == wanted { return false }
        let edited =
            try entry(key).map { entry throws(CardError) in try replacing(entry, with: raw) }
            ?? appending(key, raw)
        try applyEdit(edited, reading: wanted, for: key)
        return true
    }

    /// Takes a top-level key out, with all lines of its value.
    /// - Returns: whether it was there.
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

    /// What a value means when it is written behind a key.
    static func parseValue(of raw: String, key: String) throws(CardError) -> YAMLNode {
        let alone = CardDocument(Array("---\nvalue: \(raw)\n---\n".utf8))
        let isWhole = alone.keys == ["value"] && alone.outline.end == "value: \(raw)\n".utf8.count
        let reason = alone.syntaxErrors.first?.reason ?? (isWhole ? nil : "it is more than one value")
        if let reason { throw CardError(key: key, "\(key): \(reason)") }
        return alone.entry("value")?.node ?? .null
    }

    private func rejectSharedAnchors(_ entry: CardEntry) throws(CardError) {
        guard let name = sharedAnchors(of: entry).first else { return }
        let key = entry.key ?? "?"
        throw CardError(
            line: line(of: key), key: key,
            "\(key): another key uses its value by *\(name); change it in the README")
    }

    private func replacing(_ entry: CardEntry, with raw: String) throws(CardError) -> [UInt8] {
        try rejectSharedAnchors(entry)
        let (colon, end) = (readmeOffset(entry.colon), readmeOffset(entry.valueEnd))
        var lines = LineReader(bytes: bytes, at: colon)
        let keyLine = lines.next() ?? colon..<colon
        let isOnKeyLine = readmeOffset(entry.valueStart) < keyLine.upperBound && end <= keyLine.upperBound
        let isOneLine = !raw.utf8.contains(.newline)
        if !raw.isEmpty, entry.valueStart > entry.colon, isOnKeyLine, isOneLine {
            return spliced(readmeOffset(entry.valueStart)..<end, Array(raw.utf8))
        }
        let isBelow = end > keyLine.upperBound && readmeOffset(entry.valueStart) > keyLine.upperBound
        let value = afterColon(raw, lineEnd: lineEnd(at: keyLine.upperBound))
        if isOneLine, isBelow {
            // The comment behind `key:` stays.
            return Array(bytes[..<colon]) + value + bytes[keyLine] + bytes[end...]
        }
        return spliced(colon..<(isOneLine ? end : max(end, keyLine.upperBound)), value)
    }

    private func appending(_ key: String, _ raw: String) -> [UInt8] {
        guard let frontMatter else { return addingFrontMatter(key, raw) }
        let place = frontMatter.yaml.lowerBound + outline.end
        let end = lineEnd(before: place)
        let margin = Array(repeating: UInt8.space, count: outline.indentation)
        let line = margin + Array("\(YAMLText.key(key)):".utf8) + afterColon(raw, lineEnd: end) + end
        return spliced(place..<place, line)
    }

    private func addingFrontMatter(_ key: String, _ raw: String) -> [UInt8] {
        let end = firstLineEnd
        let line = Array("\(YAMLText.key(key)):".utf8) + afterColon(raw, lineEnd: end)
        return addingFrontMatterLines([line], lineEnd: end)
    }

    /// The file with these lines of YAML on top of it, behind a byte order mark.
    package func addingFrontMatterLines(_ yaml: [[UInt8]], lineEnd: [UInt8]) -> [UInt8] {
        let fence = Array("---".utf8)
        let front = ([fence] + yaml + [fence]).flatMap { $0 + lineEnd }
        let mark = Array(FrontMatter.byteOrderMark(bytes))
        return mark + front + Array(bytes.dropFirst(mark.count))
    }

    /// The file's first line end.
    package var firstLineEnd: [UInt8] { bytes.firstIndex(where: \.isLineEnd).map(lineEnd(at:)) ?? [.newline] }

    private func afterColon(_ raw: String, lineEnd: [UInt8]) -> [UInt8] {
        let isBelow = raw.isEmpty || raw.utf8.first == .newline
        return (isBelow ? [] : [.space]) + indented(raw, lineEnd: lineEnd)
    }

    /// A value of several lines with this file's line ends, as deep as the card's keys are.
    private func indented(_ raw: String, lineEnd: [UInt8]) -> [UInt8] {
        let margin = Array(repeating: UInt8.space, count: outline.indentation)
        let lines = raw.utf8.split(separator: .newline, omittingEmptySubsequences: false)
        return Array(lines.map { Array($0) }.joined(separator: lineEnd + margin))
    }

    private func spliced(_ range: Range<Int>, _ new: [UInt8]) -> [UInt8] {
        Array(bytes[..<range.lowerBound]) + new + bytes[range.upperBound...]
    }

    /// The line end that stands at a place; a plain one when none does.
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

    /// Takes the edited bytes, if they read as intended and every other key as before.
    private mutating func applyEdit(_ edited: [UInt8], reading expected: YAMLNode?, for key: String)
        throws(CardError)
    {
        let after = CardDocument(edited)
        let others = outline.entries.filter { $0.key != key }.map(\.node)
        let stayed = after.outline.entries.filter { $0.key != key }.map(\.node)
        guard after.syntaxErrors.isEmpty, after.entry(key)?.node == expected, others == stayed else {
            throw CardError(
                line: line(of: key), key: key, "\(key): cannot be changed safely; change it in the README")
        }
        self = after
    }
}

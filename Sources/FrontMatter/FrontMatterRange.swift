import TextTools

/// The position of a README's front matter: the lines between two `---`, as the Hub's client finds
/// them (`huggingface_hub` `repocard.py`: whitespace may precede the first `---`).
package struct FrontMatterRange: Hashable, Sendable {
    /// The opening `---` including its line end.
    var opening: Range<Int>
    /// The YAML including its last line end.
    package var yaml: Range<Int>
    /// The number of lines before the YAML.
    var linesBefore: Int
    /// Whether a closing `---` was found.
    package var isClosed: Bool

    /// `nil` if the file does not begin with front matter.
    init?(_ bytes: [UInt8]) {
        var reader = LineReader(bytes: bytes, at: Self.byteOrderMark(bytes).count)
        reader.skipWhitespace()
        guard let fence = reader.next(), fence.isFence(bytes), reader.at > fence.upperBound else {
            return nil
        }
        (opening, linesBefore) = (0..<reader.at, reader.count)
        let start = reader.at
        var firstLine: Range<Int>?
        while let line = reader.next() {
            if line.isFence(bytes) {
                (yaml, isClosed) = (start..<line.lowerBound, true)
                return
            }
            firstLine = firstLine ?? line
        }
        // A `---` without a closing one is a Markdown ruler, unless a key follows directly.
        guard let firstLine, Self.isKeyLine(bytes[firstLine]) else { return nil }
        (yaml, isClosed) = (start..<bytes.count, false)
    }

    /// Whether the lines begin with a blank one, as prose does, and none of them looks like a key.
    func isProse(_ bytes: [UInt8]) -> Bool {
        var reader = LineReader(bytes: Array(bytes[yaml]))
        guard let first = reader.next(), reader.bytes[first].allSatisfy(\.isBlank) else { return false }
        var isEmpty = true
        while let line = reader.next() {
            let text = reader.bytes[line].trimmingBlanks
            if Self.isKeyLine(text) { return false }
            isEmpty = isEmpty && text.isEmpty
        }
        return !isEmpty
    }

    package static func byteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.prefix(3) : []
    }

    private static func isKeyLine(_ line: ArraySlice<UInt8>) -> Bool {
        let name = line.prefix { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == .dash }
        let afterName = line.dropFirst(name.count)
        return !name.isEmpty && afterName.first == .colon && (afterName.dropFirst().first?.isBlank ?? true)
    }
}

/// Reads lines as byte ranges without their line ends, and counts them.
package struct LineReader {
    package let bytes: [UInt8]
    package var at: Int
    private(set) var count = 0

    package init(bytes: [UInt8], at: Int = 0) { (self.bytes, self.at) = (bytes, at) }

    package mutating func next() -> Range<Int>? {
        guard at < bytes.count else { return nil }
        let start = at
        while at < bytes.count, !bytes[at].isLineEnd { at += 1 }
        let line = start..<at
        skipLineEnd()
        return line
    }

    mutating func skipWhitespace() {
        while at < bytes.count, bytes[at].isBlank || bytes[at].isLineEnd {
            if bytes[at].isLineEnd { skipLineEnd() } else { at += 1 }
        }
    }

    private mutating func skipLineEnd() {
        guard at < bytes.count else { return }
        let isPair = bytes[at] == .carriageReturn && at + 1 < bytes.count && bytes[at + 1] == .newline
        at += isPair ? 2 : 1
        count += 1
    }
}

extension Range<Int> {
    /// Whether the line is `---`, with optional trailing blanks.
    fileprivate func isFence(_ bytes: [UInt8]) -> Bool {
        count >= 3 && bytes[self].prefix(3).elementsEqual([.dash, .dash, .dash])
            && bytes[self].dropFirst(3).allSatisfy(\.isBlank)
    }
}

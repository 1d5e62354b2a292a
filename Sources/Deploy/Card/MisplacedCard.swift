import FrontMatter
import TextTools

/// Front matter of a README in a position where the Hub would not read it: below a heading, between
/// longer rows of dashes, without dashes, or in a YAML code block, instead of between two `---` on
/// the first lines.
struct MisplacedCard {
    /// The line of its first key, from 1.
    let line: Int
    /// The README with the front matter moved to the top.
    let correctedReadme: [UInt8]
    /// Why it cannot be read as a card; `nil` if it can.
    let problem: CardError?

    /// `nil` if the README has a card in the right position, or nothing that looks like one.
    init?(_ bytes: [UInt8]) {
        guard Card.read(bytes).frontMatter == nil else { return nil }
        let lines = Self.lines(of: bytes)
        guard let block = Self.block(in: lines.map { bytes[$0.text] }) else { return nil }
        let end = bytes.contains(.carriageReturn) ? "\r\n" : "\n"
        let yaml = lines[block.yaml].flatMap { bytes[$0.text] + end.utf8 }
        let card = Array("---\(end)".utf8) + yaml + Array("---\(end)".utf8)
        let before = lines[..<block.fullRange.lowerBound].flatMap { bytes[$0.rangeWithLineEnd] }
        let after = lines[block.fullRange.upperBound...].drop { bytes[$0.text].allSatisfy(\.isBlank) }
        line = block.yaml.lowerBound + 1
        correctedReadme = card + before + after.flatMap { bytes[$0.rangeWithLineEnd] }
        problem = Card.read(card).syntaxErrors.first
    }

    private struct Line {
        var text: Range<Int>
        /// Including the line end.
        var rangeWithLineEnd: Range<Int>
    }

    private static func lines(of bytes: [UInt8]) -> [Line] {
        var (reader, lines, start) = (LineReader(bytes: bytes), [Line](), 0)
        while let text = reader.next() {
            lines.append(Line(text: text, rangeWithLineEnd: start..<reader.at))
            start = reader.at
        }
        return lines
    }

    private struct Block {
        /// Including the fences.
        var fullRange: Range<Int>
        var yaml: Range<Int>
    }

    /// Returns the block if only headings, badges and blank lines precede it: YAML after prose is
    /// an example or a rule.
    private static func block(in lines: [ArraySlice<UInt8>]) -> Block? {
        for (index, line) in lines.enumerated().prefix(60) {
            let text = line.trimmingBlanks
            if text.isEmpty { continue }
            let block =
                if isRule(text) {
                    fencedBlock(lines, from: index, isEnd: isRule)
                } else if isCodeFence(text) {
                    fencedBlock(lines, from: index) {
                        $0.elementsEqual("```".utf8) || $0.elementsEqual("~~~".utf8)
                    }
                } else {
                    unfencedBlock(lines, from: index)
                }
            if let block { return block }
            guard isRule(text) || text.first.map({ heading.contains($0) }) == true else { return nil }
        }
        return nil
    }

    /// First bytes of `#`, a badge or link, HTML, an image, and the row below a heading.
    private static let heading = Array("#[<!=".utf8)

    private static func fencedBlock(
        _ lines: [ArraySlice<UInt8>], from start: Int, isEnd: (ArraySlice<UInt8>) -> Bool
    ) -> Block? {
        guard let end = lines[(start + 1)...].firstIndex(where: { isEnd($0.trimmingBlanks) }) else {
            return nil
        }
        let first = lines[(start + 1)..<end].firstIndex { !$0.allSatisfy(\.isBlank) } ?? end
        guard isCard(lines[first..<end]) else { return nil }
        return Block(fullRange: start..<(end + 1), yaml: first..<end)
    }

    private static func unfencedBlock(_ lines: [ArraySlice<UInt8>], from start: Int) -> Block? {
        let end =
            lines[start...].firstIndex { $0.allSatisfy(\.isBlank) || isRule($0.trimmingBlanks) }
            ?? lines.count
        guard isCard(lines[start..<end]) else { return nil }
        let isRuled = end < lines.count && isRule(lines[end].trimmingBlanks)
        return Block(fullRange: start..<(isRuled ? end + 1 : end), yaml: start..<end)
    }

    private static func isRule(_ line: ArraySlice<UInt8>) -> Bool {
        line.count >= 3 && line.allSatisfy { $0 == .dash }
    }

    private static func isCodeFence(_ line: ArraySlice<UInt8>) -> Bool {
        ["```", "```yaml", "```yml", "~~~yaml", "~~~"].contains { line.elementsEqual($0.utf8) }
    }

    /// Whether the lines have at least two known card keys, one of them specific to Spaces, and no
    /// line that is neither a key nor part of a value.
    private static func isCard(_ lines: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        var keys: Set<String> = []
        for line in lines {
            guard let first = line.first, !line.allSatisfy(\.isBlank) else { continue }
            if first.isBlank || first == .dash || first == .hash { continue }
            let name = line.prefix { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == .dash }
            guard !name.isEmpty, line.dropFirst(name.count).first == .colon else { return false }
            keys.insert(name.text)
        }
        return keys.intersection(knownKeys).count >= 2 && !keys.isDisjoint(with: spaceKeys)
    }

    private static let spaceKeys: Set<String> = [
        "sdk", "app_port", "app_file", "emoji", "colorFrom", "colorTo",
    ]
    private static let knownKeys = spaceKeys.union([
        "title", "license", "pinned", "sdk_version", "python_version", "short_description", "tags", "models",
        "datasets", "suggested_hardware", "header", "thumbnail",
    ])
}

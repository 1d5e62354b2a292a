import SpacesModel
import TextTools

/// A line-based editor of a settings file that leaves all other lines unchanged.
package struct SettingsFileEditor: Sendable {
    private var lines: [[UInt8]]

    package init(_ bytes: [UInt8]) { lines = bytes.lines.map { Array($0) } }

    package var bytes: [UInt8] { Array(lines.joined()) }
    package var isEmpty: Bool { lines.isEmpty }

    /// Returns the line ranges of the sections of a Space.
    private func sections(of space: SpaceID) -> [Range<Int>] {
        var (ranges, start, isContinued): ([Range<Int>], Int?, Bool) = ([], nil, false)
        for (index, line) in lines.enumerated() {
            defer { isContinued = Self.withoutLineEnd(line).last == .backslash }
            guard !isContinued, let header = SectionHeader(line) else { continue }
            if let start { ranges.append(start..<end(of: start, before: index)) }
            start = header.matches(space) ? index : nil
        }
        if let start { ranges.append(start..<lines.count) }
        return ranges
    }

    private static func withoutLineEnd(_ line: [UInt8]) -> ArraySlice<UInt8> {
        line[..<(line.lastIndex { !$0.isLineEnd }.map { $0 + 1 } ?? 0)]
    }

    /// Returns the end of a section. Blank lines and comments above the next header belong to the
    /// next section.
    private func end(of start: Int, before next: Int) -> Int {
        let isBlankOrComment: ([UInt8]) -> Bool = { line in
            let first = line.first { !$0.isBlank }
            return first.map { $0 == .hash || $0 == UInt8(ascii: ";") || $0.isLineEnd } ?? true
        }
        return (lines[(start + 1)..<next].lastIndex { !isBlankOrComment($0) } ?? start) + 1
    }

    /// Returns the lines of the existing sections of a Space, with their line numbers.
    package func existingLines(of space: SpaceID) -> [(number: Int, text: String)] {
        sections(of: space).flatMap { $0 }.map { index in
            (index + 1, Self.withoutLineEnd(lines[index]).drop(while: \.isBlank).text)
        }
    }

    package mutating func remove(_ space: SpaceID) {
        for section in sections(of: space).reversed() { lines.removeSubrange(section) }
    }

    /// Appends a section, with the line endings of the file.
    package mutating func add(_ settings: [SettingLine], of space: SpaceID) {
        let end: [UInt8] =
            lines.first?.suffix(2) == [.carriageReturn, .newline] ? [.carriageReturn, .newline] : [.newline]
        if let last = lines.last, last.last != .newline { lines[lines.count - 1] += end }
        var text: [String] = []
        if isEmpty {
            text += [
                "# What spacesync deploys from this repository, and where: one section per Space.",
                "# Lists (include, exclude, map, keep, card): one line per value.",
            ]
        } else if lines.last.map(Self.withoutLineEnd)?.isEmpty == false {
            text.append("")
        }
        text.append("[space \"\(space)\"]")
        for line in settings { text += ["    # \(line.why)", "    \(line.text)"] }
        lines += text.map { Array($0.utf8) + end }
    }
}

/// The header of a section: `[space "owner/name"]`.
private struct SectionHeader {
    let section: String
    let name: String

    init?(_ line: [UInt8]) {
        let lineWithoutBOM = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line[...]
        let text = lineWithoutBOM.drop(while: \.isBlank)
        guard text.first == UInt8(ascii: "[") else { return nil }
        let inner = text.dropFirst().drop(while: \.isBlank)
        section = inner.prefix { $0.isLetter || $0.isDigit || $0 == .dash || $0 == UInt8(ascii: ".") }.text
            .lowercased()
        name = inner.drop { $0 != .doubleQuote }.dropFirst().prefix { $0 != .doubleQuote }.text
    }

    /// Returns whether the header names the Space, in any spelling. A name without owner matches any owner.
    func matches(_ space: SpaceID) -> Bool {
        guard section == "space" else { return false }
        let written = SpaceID(name)?.description ?? "\(space.owner)/\(name)"
        return written.lowercased() == space.description.lowercased()
    }
}

/// A generated line of a settings file, with a comment that explains it.
package struct SettingLine: Hashable, Sendable {
    package var key: String
    package var value: String
    package var why: String

    package init(_ key: String, _ value: String, why: String) {
        (self.key, self.value, self.why) = (key, value, why)
    }

    /// Returns the settings given by flags, in the order of `SettingKey.all`.
    package static func flagLines(for target: Target) -> [SettingLine] {
        target.resolvedSettings.map { SettingLine($0.key, $0.value, why: "set with \($0.origin)") }
    }

    /// The line in Git's syntax (`git help config`, "Syntax").
    var text: String { "\(key) = \(Self.quoted(value))" }

    /// Returns the value, quoted if Git would truncate or change it otherwise.
    static func quoted(_ value: String) -> String {
        let special: Set<Character> = ["#", ";", "\"", "\\"]
        let isPlain = !value.contains(where: special.contains) && value.first != " " && value.last != " "
        guard !isPlain || value.isEmpty else { return value }
        return "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

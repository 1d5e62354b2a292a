import SpacesModel
import TextTools

/// One line of a `.gitignore`, with Git's own meaning (`git help gitignore`, `dir.c` of Git 2.39).
package struct IgnorePattern: Hashable, Sendable {
    /// As it was written.
    package let text: String
    /// `!`: takes back what an earlier pattern matched.
    package let isNegated: Bool
    /// A slash at the end: matches directories alone.
    package let isDirectoryOnly: Bool
    /// No other slash: compared with the last name, at any depth.
    let matchesBasename: Bool
    private let glob: Glob
    /// The pattern's plain bytes when nothing in it is special: most patterns are names.
    let literal: [UInt8]?
    /// Behind a star that is all else of a name's pattern (`*.png`), as most of the others are.
    let ending: [UInt8]?

    /// nil for what is no pattern: an empty line, a comment.
    package init?(_ text: String) {
        self.text = text
        var bytes = Self.withoutTrailingSpaces(Array(text.utf8))[...]
        guard let first = bytes.first, first != .hash else { return nil }
        isNegated = first == UInt8(ascii: "!")
        if isNegated { bytes.removeFirst() }
        isDirectoryOnly = bytes.last == .slash
        if isDirectoryOnly { bytes.removeLast() }
        matchesBasename = !bytes.contains(.slash)
        let plain = bytes.prefix { !$0.isSpecialInGlob }
        let isPlain = plain.count == bytes.count
        let anchored = bytes.first == .slash ? plain.dropFirst() : plain
        glob = matchesBasename ? Glob(bytes) : Glob(prefix: anchored, bytes.dropFirst(plain.count))
        literal = isPlain ? Array(matchesBasename ? bytes : anchored) : nil
        let isEnding =
            matchesBasename && bytes.first == .star && !bytes.dropFirst().contains(where: \.isSpecialInGlob)
        ending = isEnding ? Array(bytes.dropFirst()) : nil
    }

    /// Whether the pattern names this very path (not what lies in it).
    package func matches(_ path: Path, isDirectory: Bool) -> Bool {
        guard isDirectory || !isDirectoryOnly else { return false }
        let subject = matchesBasename ? path.lastName : path.bytes[...]
        guard !subject.isEmpty else { return false }
        if let ending { return subject.count >= ending.count && subject.suffix(ending.count) == ending[...] }
        return literal.map { $0.elementsEqual(subject) } ?? glob.matches(subject)
    }

    /// Whether the pattern may name something inside this directory. Never wrongly false.
    package func mayMatch(inside directory: Path) -> Bool {
        if matchesBasename || directory.isRoot { return true }
        return glob.mayMatch(beginning: directory.bytes + [.slash])
    }

    /// Git drops spaces at the end of a line, unless a backslash keeps them.
    private static func withoutTrailingSpaces(_ line: [UInt8]) -> [UInt8] {
        var (index, end): (Int, Int?) = (0, nil)
        while index < line.count {
            if line[index] == .space {
                end = end ?? index
            } else {
                end = nil
                if line[index] == .backslash { index += 1 }
            }
            index += 1
        }
        return index > line.count ? line : Array(line[..<(end ?? line.count)])
    }
}

extension UInt8 {
    fileprivate var isSpecialInGlob: Bool {
        self == .star || self == UInt8(ascii: "?") || self == UInt8(ascii: "[") || self == .backslash
    }
}

extension Path {
    /// The bytes behind the last slash.
    fileprivate var lastName: ArraySlice<UInt8> {
        bytes.lastIndex(of: .slash).map { bytes[($0 + 1)...] } ?? bytes[...]
    }
}

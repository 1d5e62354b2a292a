import SpacesModel
import TextTools

/// A pattern of a `.gitignore` file (`git help gitignore`, `dir.c` of Git 2.39).
package struct IgnorePattern: Hashable, Sendable {
    /// The pattern as written.
    package let text: String
    /// Whether the pattern begins with `!` and cancels the match of an earlier pattern.
    package let isNegated: Bool
    /// Whether the pattern ends with a slash and matches only directories.
    package let isDirectoryOnly: Bool
    /// Whether the pattern has no other slash, so that it is compared with the last component at any depth.
    let matchesBasename: Bool
    private let glob: Glob
    /// The pattern's bytes if it has no special characters, which is the most frequent case.
    let literal: [UInt8]?
    /// The text after the star in a basename pattern such as `*.png`, the second most frequent
    /// case; `nil` for other patterns.
    let ending: [UInt8]?

    /// Parses a line; `nil` for an empty line or a comment.
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

    /// Returns whether the pattern matches the path itself (not the paths below it).
    package func matches(_ path: Path, isDirectory: Bool) -> Bool {
        guard isDirectory || !isDirectoryOnly else { return false }
        let subject = matchesBasename ? Self.lastName(of: path) : path.bytes[...]
        guard !subject.isEmpty else { return false }
        if let ending { return subject.count >= ending.count && subject.suffix(ending.count) == ending[...] }
        return literal.map { $0.elementsEqual(subject) } ?? glob.matches(subject)
    }

    /// Returns whether the pattern may match a path below this directory. Never wrongly `false`.
    package func mayMatch(inside directory: Path) -> Bool {
        if matchesBasename || directory.isRoot { return true }
        return glob.mayMatch(beginning: directory.bytes + [.slash])
    }

    /// Git removes spaces at the end of a line unless they are escaped by a backslash.
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

    /// The bytes after the last slash.
    private static func lastName(of path: Path) -> ArraySlice<UInt8> {
        path.bytes.lastIndex(of: .slash).map { path.bytes[($0 + 1)...] } ?? path.bytes[...]
    }
}

extension UInt8 {
    fileprivate var isSpecialInGlob: Bool {
        self == .star || self == UInt8(ascii: "?") || self == UInt8(ascii: "[") || self == .backslash
    }
}

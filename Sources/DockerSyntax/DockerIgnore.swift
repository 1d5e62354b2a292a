import GitPatterns
import SpacesModel
import TextTools

/// The patterns of a `.dockerignore`, with BuildKit's semantics (moby/patternmatcher, moby
/// `ignorefile`): the last pattern that matches a path or a parent directory decides.
package struct DockerIgnore: Hashable, Sendable {
    private struct Pattern: Hashable, Sendable {
        var isException: Bool
        var glob: Glob
    }
    private let patterns: [Pattern]
    /// The limit that the file exceeds; `nil` if none. The patterns are empty then.
    package let exceededLimit: String?

    /// Maximum size of the file in bytes, and maximum number of patterns.
    static let (maxSize, maxPatterns) = (1 << 20, 1_000)

    package init(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maxSize else {
            (patterns, exceededLimit) = ([], "is \(bytes.count.asSize); the limit is 1 MiB")
            return
        }
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        let lines = text.split(separator: .newline).lazy.compactMap(Self.pattern).prefix(
            Self.maxPatterns + 1)
        let parsed = Array(lines)
        let isTooMany = parsed.count > Self.maxPatterns
        patterns = isTooMany ? [] : parsed
        exceededLimit =
            isTooMany ? "has more than \(Self.maxPatterns) patterns, which is the limit" : nil
    }

    private static func pattern(_ line: ArraySlice<UInt8>) -> Pattern? {
        var text = line.trimmingSpaces
        guard line.first != .hash, !text.isEmpty else { return nil }
        let isException = text.first == UInt8(ascii: "!")
        if isException { text = text.dropFirst().trimmingSpaces }
        let cleaned = Path(bytes: Array(text)).cleaned.bytes
        guard !cleaned.isEmpty else { return nil }
        return Pattern(isException: isException, glob: Glob(expandedPattern(cleaned)[...]))
    }

    /// Returns Git's equivalent of a pattern: `**.pyc` matches the end of any path here; in Git it
    /// is `**/*.pyc`.
    private static func expandedPattern(_ pattern: [UInt8]) -> [UInt8] {
        let stars: [UInt8] = [.star, .star]
        guard pattern.starts(with: stars), pattern.count > 2, pattern[2] != .slash else { return pattern }
        return stars + [.slash, .star] + pattern.dropFirst(2)
    }

    package func ignores(_ path: Path) -> Bool {
        guard !patterns.isEmpty else { return false }
        let levels = path.levels
        return patterns.reduce(false) { isIgnored, pattern in
            guard pattern.isException == isIgnored else { return isIgnored }
            return levels.contains { pattern.glob.matches($0.bytes) } ? !isIgnored : isIgnored
        }
    }
}

extension Path {
    /// The path without empty names, `.` and `..`; `..` cannot leave the root, as in a build
    /// context.
    package var cleaned: Path {
        var result: [Path] = []
        for name in names where name != "." {
            if name == ".." { _ = result.popLast() } else { result.append(name) }
        }
        return Path(joining: result)
    }
}

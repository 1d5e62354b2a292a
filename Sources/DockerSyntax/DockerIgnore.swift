import GitPatterns
import SpacesModel
import TextTools

/// The patterns of a `.dockerignore`, with BuildKit's meaning (moby/patternmatcher, moby `ignorefile`): the last that
/// matches a path or a directory above it decides.
package struct DockerIgnore: Hashable, Sendable {
    private struct Pattern: Hashable, Sendable {
        var isException: Bool
        var glob: Glob
    }
    private let patterns: [Pattern]
    /// Which limit the file exceeds; nil if none. It counts as empty then.
    package let exceededLimit: String?

    /// Bytes of the file, and how many patterns are compared with each path.
    static let (maxSize, maxPatterns) = (1 << 20, 1_000)

    package init(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maxSize else {
            (patterns, exceededLimit) = ([], "has \(bytes.count.asSize); at most 1 MiB is read")
            return
        }
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        let lines = text.split(separator: .newline).lazy.compactMap(Self.pattern).prefix(
            Self.maxPatterns + 1)
        let read = Array(lines)
        let isTooMany = read.count > Self.maxPatterns
        patterns = isTooMany ? [] : read
        exceededLimit =
            isTooMany ? "has more than \(Self.maxPatterns) patterns; at most so many are read" : nil
    }

    private static func pattern(_ line: ArraySlice<UInt8>) -> Pattern? {
        var text = line.trimmingSpaces
        guard line.first != .hash, !text.isEmpty else { return nil }
        let isException = text.first == UInt8(ascii: "!")
        if isException { text = text.dropFirst().trimmingSpaces }
        let clean = Path(bytes: Array(text)).cleaned.bytes
        guard !clean.isEmpty else { return nil }
        return Pattern(isException: isException, glob: Glob(expandedPattern(clean)[...]))
    }

    /// `**.pyc` means the end of any path here; Git's patterns say it as `**/*.pyc`.
    private static func expandedPattern(_ pattern: [UInt8]) -> [UInt8] {
        let stars: [UInt8] = [.star, .star]
        guard pattern.starts(with: stars), pattern.count > 2, pattern[2] != .slash else { return pattern }
        return stars + [.slash, .star] + pattern.dropFirst(2)
    }

    package func ignores(_ path: Path) -> Bool {
        guard !patterns.isEmpty else { return false }
        let levels = path.levels
        return patterns.reduce(false) { isOut, pattern in
            guard pattern.isException == isOut else { return isOut }
            return levels.contains { pattern.glob.matches($0.bytes) } ? !isOut : isOut
        }
    }
}

extension Path {
    /// Without empty names, `.` and `..`; what leads above the root stays in it, as in a build context.
    package var cleaned: Path {
        var kept: [Path] = []
        for name in names where name != "." {
            if name == ".." { _ = kept.popLast() } else { kept.append(name) }
        }
        return Path(joining: kept)
    }
}

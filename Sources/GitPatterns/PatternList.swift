import SpacesModel
import TextTools

/// Patterns in their order, of which the last that matches decides.
package struct PatternList: Hashable, Sendable {
    package enum Decision: Hashable, Sendable { case matched, negated }

    package let patterns: [IgnorePattern]

    /// What is no pattern (empty, a comment) is left out.
    package init(_ patterns: [String]) { self.patterns = patterns.compactMap(IgnorePattern.init) }

    package var isEmpty: Bool { patterns.isEmpty }
    private var hasPositivePattern: Bool { patterns.contains { !$0.isNegated } }

    /// What the last pattern that names this very path says; nil when none does.
    package func decision(for path: Path, isDirectory: Bool) -> Decision? {
        lastMatchingPattern(path, isDirectory: isDirectory).map { $0.isNegated ? .negated : .matched }
    }

    /// The pattern that excludes a path as Git excludes it: what lies in an excluded directory is excluded, and no
    /// pattern takes it back. nil when the path stays.
    package func excludingPattern(_ path: Path, isDirectory: Bool) -> IgnorePattern? {
        for level in path.levels {
            let isInside = level != path
            let pattern = lastMatchingPattern(level, isDirectory: isInside || isDirectory)
            if let pattern, !pattern.isNegated { return pattern }
        }
        return nil
    }

    /// Whether a path or one of its parents is matched; what is deeper decides. A list that only takes back takes
    /// back from everything.
    package func includes(_ path: Path, isDirectory: Bool) -> Bool {
        let decisions = path.levels.reversed().lazy.compactMap { level in
            decision(for: level, isDirectory: level != path || isDirectory)
        }
        return (decisions.first ?? (hasPositivePattern ? .negated : .matched)) == .matched
    }

    /// The last pattern that names the path, whatever it says: what `git check-ignore -v` shows.
    package func lastMatchingPattern(_ path: Path, isDirectory: Bool) -> IgnorePattern? {
        patterns.last { $0.matches(path, isDirectory: isDirectory) }
    }
}

extension Path {
    /// The path and its parents below the root, the shallowest first.
    package var levels: [Path] {
        guard !isRoot else { return [] }
        let slashes = bytes.indices.filter { bytes[$0] == .slash }
        return slashes.map { Path(bytes: Array(bytes[..<$0])) } + [self]
    }
}

import SpacesModel
import TextTools

/// A selection of source paths: `include` names the selected paths, `exclude` those omitted from them (design.md 3). Paths are relative to the Space's root.
package struct Selection: Hashable, Sendable {
    package var include: PatternList
    package var exclude: PatternList

    package init(include: PatternList = .everything, exclude: PatternList = PatternList([])) {
        (self.include, self.exclude) = (include, exclude)
    }

    /// The part of a directory's content that is selected.
    package enum Coverage: Hashable, Sendable {
        /// Everything is selected: the directory can be used by its id.
        case all
        /// Nothing is selected.
        case none
        /// The directory must be read.
        case some
    }

    package func selects(_ path: Path, isDirectory: Bool) -> Bool {
        guard include.includes(path, isDirectory: isDirectory) else { return false }
        return exclude.excludingPattern(path, isDirectory: isDirectory) == nil
    }

    /// Returns `all` or `none` only if that is certain without reading the directory.
    package func coverage(forDirectory directory: Path) -> Coverage {
        guard exclude.excludingPattern(directory, isDirectory: true) == nil else { return .none }
        let isIncluded = include.includes(directory, isDirectory: true)
        if include.mayChange(inside: directory, to: isIncluded ? .negated : .matched) { return .some }
        guard isIncluded else { return .none }
        return exclude.mayChange(inside: directory, to: .matched) ? .some : .all
    }
}

extension PatternList {
    /// Returns whether a pattern may give this decision for a path below the directory.
    package func mayChange(inside directory: Path, to decision: Decision) -> Bool {
        patterns.contains { pattern in
            pattern.isNegated == (decision == .negated) && pattern.mayMatch(inside: directory)
        }
    }
}

/// An ordered list of patterns; the last matching pattern decides.
package struct PatternList: Hashable, Sendable {
    package enum Decision: Hashable, Sendable { case matched, negated }

    package let patterns: [IgnorePattern]
    /// Whether a path is included that no pattern matches.
    private let includesUnmatched: Bool

    /// The list that includes every path.
    package static let everything = PatternList(patterns: [], includesUnmatched: true)

    /// Creates a list; empty lines and comments are skipped. An empty list includes nothing, a list
    /// with only negated patterns everything else.
    package init(_ patterns: [String]) {
        let parsed = patterns.compactMap(IgnorePattern.init)
        self.init(patterns: parsed, includesUnmatched: !parsed.isEmpty && parsed.allSatisfy(\.isNegated))
    }

    private init(patterns: [IgnorePattern], includesUnmatched: Bool) {
        (self.patterns, self.includesUnmatched) = (patterns, includesUnmatched)
    }

    package var isEmpty: Bool { patterns.isEmpty }

    /// Returns the decision of the last pattern that matches the path itself; `nil` if none does.
    package func decision(for path: Path, isDirectory: Bool) -> Decision? {
        lastMatchingPattern(path, isDirectory: isDirectory).map { $0.isNegated ? .negated : .matched }
    }

    /// Returns the pattern that excludes a path, as in Git: everything in an excluded directory is
    /// excluded and cannot be re-included. `nil` if the path is not excluded.
    package func excludingPattern(_ path: Path, isDirectory: Bool) -> IgnorePattern? {
        for level in path.levels {
            let isInside = level != path
            let pattern = lastMatchingPattern(level, isDirectory: isInside || isDirectory)
            if let pattern, !pattern.isNegated { return pattern }
        }
        return nil
    }

    /// Returns whether a path or one of its parents is matched; the deepest decision wins.
    package func includes(_ path: Path, isDirectory: Bool) -> Bool {
        let decisions = path.levels.reversed().lazy.compactMap { level in
            decision(for: level, isDirectory: level != path || isDirectory)
        }
        return decisions.first.map { $0 == .matched } ?? includesUnmatched
    }

    /// Returns the last pattern that matches the path, negated or not, like `git check-ignore -v`.
    package func lastMatchingPattern(_ path: Path, isDirectory: Bool) -> IgnorePattern? {
        patterns.last { $0.matches(path, isDirectory: isDirectory) }
    }
}

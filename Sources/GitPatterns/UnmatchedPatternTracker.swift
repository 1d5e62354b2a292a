import SpacesModel

/// A tracker of patterns that have not matched any path: a pattern without a match is an error
/// (design.md 4.3).
package struct UnmatchedPatternTracker: Sendable {
    private var unseen: [IgnorePattern]

    /// Creates a tracker for the list's positive patterns; a negated pattern need not match anything.
    package init(_ list: PatternList) { unseen = list.patterns.filter { !$0.isNegated } }

    package mutating func record(_ path: Path, isDirectory: Bool) {
        unseen.removeAll { $0.matches(path, isDirectory: isDirectory) }
    }

    /// Returns whether a still unmatched pattern may match below the directory. If so, the
    /// directory must be read even if its `Selection.Coverage` does not require it.
    package func mayMatch(inside directory: Path) -> Bool {
        unseen.contains { $0.mayMatch(inside: directory) }
    }

    /// The patterns that matched none of the recorded paths, in their order.
    package var unmatched: [IgnorePattern] { unseen }
}

import SpacesModel

/// Counts which patterns have matched something: what was named and matches nothing is an error (design 4.3).
package struct UnmatchedPatternTracker: Sendable {
    private var unseen: [IgnorePattern]

    /// A pattern that takes back is no promise that something is there.
    package init(_ list: PatternList) { unseen = list.patterns.filter { !$0.isNegated } }

    package mutating func record(_ path: Path, isDirectory: Bool) {
        unseen.removeAll { $0.matches(path, isDirectory: isDirectory) }
    }

    /// Whether a pattern that matched nothing so far may match inside the directory: then it must be looked into even
    /// where a `Selection.Verdict` makes that needless.
    package func mayMatch(inside directory: Path) -> Bool {
        unseen.contains { $0.mayMatch(inside: directory) }
    }

    /// The patterns that matched none of the paths seen, in their order.
    package var unmatched: [IgnorePattern] { unseen }
}

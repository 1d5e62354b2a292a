import SpacesModel

/// Which paths of a source are chosen: `include` names what is taken (everything when it is empty), `exclude` what of
/// that is left out (design 3). Paths count from the Space's root.
package struct Selection: Hashable, Sendable {
    package var include: PatternList
    package var exclude: PatternList

    package init(include: PatternList = PatternList([]), exclude: PatternList = PatternList([])) {
        (self.include, self.exclude) = (include, exclude)
    }

    /// What can be said of all that lies in a directory.
    package enum Coverage: Hashable, Sendable {
        /// All of it is chosen: the directory can be taken by its id.
        case all
        /// Nothing of it is.
        case none
        /// It must be looked into.
        case some
    }

    package func selects(_ path: Path, isDirectory: Bool) -> Bool {
        guard include.includes(path, isDirectory: isDirectory) else { return false }
        return exclude.excludingPattern(path, isDirectory: isDirectory) == nil
    }

    /// Says `all` and `none` only when it is certain without looking.
    package func coverage(forDirectory directory: Path) -> Coverage {
        guard exclude.excludingPattern(directory, isDirectory: true) == nil else { return .none }
        let isIncluded = include.includes(directory, isDirectory: true)
        if include.mayChange(inside: directory, to: isIncluded ? .negated : .matched) { return .some }
        guard isIncluded else { return .none }
        return exclude.mayChange(inside: directory, to: .matched) ? .some : .all
    }
}

extension PatternList {
    /// Whether a pattern may decide so for something inside the directory.
    package func mayChange(inside directory: Path, to decision: Decision) -> Bool {
        patterns.contains { pattern in
            pattern.isNegated == (decision == .negated) && pattern.mayMatch(inside: directory)
        }
    }
}

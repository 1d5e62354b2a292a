import SpacesModel

/// A selection of source paths: `include` names the selected paths (everything if it is empty),
/// `exclude` those omitted from them (design.md 3). Paths are relative to the Space's root.
package struct Selection: Hashable, Sendable {
    package var include: PatternList
    package var exclude: PatternList

    package init(include: PatternList = PatternList([]), exclude: PatternList = PatternList([])) {
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

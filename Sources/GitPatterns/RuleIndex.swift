import SpacesModel

/// An index of the rules of one `.gitattributes` file by literal name, path and ending: a
/// repository may have one line for each of its files.
struct RuleIndex: Hashable, Sendable {
    private struct Rule: Hashable, Sendable {
        var order: Int
        var isLFS: Bool
    }

    private struct Glob: Hashable, Sendable {
        var rule: Rule
        var pattern: IgnorePattern
    }

    private var count = 0
    /// Patterns without wildcards, by the name or the path that they match.
    private var names: [[UInt8]: Rule] = [:]
    private var paths: [[UInt8]: Rule] = [:]
    /// Patterns such as `*.png`, by the text after the star.
    private var endings: [[UInt8]: Rule] = [:]
    private var lengths: Set<Int> = []
    private var globs: [Glob] = []

    var isEmpty: Bool { count == 0 }
    var exceedsLimit: Bool { globs.count > AttributesLimit.globs || lengths.count > AttributesLimit.globs }

    mutating func add(_ pattern: IgnorePattern, isLFS: Bool) {
        count += 1
        let rule = Rule(order: count, isLFS: isLFS)
        // Attributes apply to files, so patterns for directories have no effect.
        guard !pattern.isDirectoryOnly else { return }
        if let ending = pattern.ending {
            endings[ending] = rule
            lengths.insert(ending.count)
        } else if let literal = pattern.literal {
            if pattern.matchesBasename { names[literal] = rule } else { paths[literal] = rule }
        } else if !exceedsLimit {
            globs.append(Glob(rule: rule, pattern: pattern))
        }
    }

    /// Returns the decision of the last rule that matches a file; `nil` if none does.
    func decision(for path: Path) -> Bool? {
        let name = path.name.bytes
        var matching = [names[name], paths[path.bytes]].compactMap { $0 }
        for length in lengths where length <= name.count {
            if let rule = endings[Array(name.suffix(length))] { matching.append(rule) }
        }
        let best = matching.max { $0.order < $1.order }
        for glob in globs.reversed() {
            if let best, best.order > glob.rule.order { break }
            if glob.pattern.matches(path, isDirectory: false) { return glob.rule.isLFS }
        }
        return best?.isLFS
    }
}

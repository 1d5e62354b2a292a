import SpacesModel
import TextTools

/// Limits for reading a `.gitattributes` file. Git itself ignores longer lines (`attr.h`), so they
/// are ignored here, too.
package enum AttributesLimit {
    /// The maximum size of a file in bytes.
    package static let size = 1 << 20
    /// The maximum length of a line in bytes.
    package static let line = 2_048
    /// The maximum number of patterns that are neither names, paths nor `*.ending`: each of them is
    /// compared with each path.
    package static let globs = 1_000
}

/// The rules of a tree's `.gitattributes` files that select paths for LFS (`git help gitattributes`).
package struct LFSAttributes: Hashable, Sendable {
    private struct Rule: Hashable, Sendable {
        var pattern: IgnorePattern
        var isLFS: Bool
    }
    private var rules: [Path: RuleIndex] = [:]
    /// The macros defined by the top-level file (`[attr]big filter=lfs`), with whether they select
    /// LFS; `nil` if they do not set the filter.
    private var macros: [[UInt8]: Bool?] = [:]

    package init() {}

    /// - Parameter files: All `.gitattributes` files by path.
    package init(_ files: [Path: [UInt8]]) {
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) { add(bytes, in: path.parent) }
    }

    /// Adds the file of a directory. The file of the root must be added first, as only that file
    /// may define macros. Files that exceed a limit count as empty; the preflight refuses them.
    package mutating func add(_ bytes: [UInt8], in directory: Path) {
        rules[directory] = nil
        guard bytes.count <= AttributesLimit.size else { return }
        let lines = bytes.split(separator: .newline).filter { $0.count <= AttributesLimit.line }
        if directory.isRoot { lines.forEach { defineMacro($0) } }
        var index = RuleIndex()
        for line in lines {
            if let rule = parseRule(line) { index.add(rule.pattern, isLFS: rule.isLFS) }
        }
        if !index.isEmpty, !index.exceedsLimit { rules[directory] = index }
    }

    /// Returns the limit that a file exceeds; `nil` if none.
    package static func exceededLimit(_ bytes: [UInt8]) -> String? {
        guard bytes.count <= AttributesLimit.size else {
            return "has \(bytes.count.asSize); the limit is 1 MiB"
        }
        var attributes = LFSAttributes()
        var index = RuleIndex()
        for line in bytes.split(separator: .newline) where line.count <= AttributesLimit.line {
            attributes.defineMacro(line)
            if let rule = attributes.parseRule(line) { index.add(rule.pattern, isLFS: rule.isLFS) }
        }
        return index.exceedsLimit
            ? "has more than \(AttributesLimit.globs) patterns with wildcards, which is the limit" : nil
    }

    private mutating func defineMacro(_ line: ArraySlice<UInt8>) {
        var fields = line.trimmingSpaces.whitespaceSeparated
        guard let first = fields.first, first.starts(with: Self.macroPrefix) else { return }
        fields.removeFirst()
        macros[Array(first.dropFirst(Self.macroPrefix.count))] = .some(parseFilter(of: fields))
    }

    private func parseRule(_ line: ArraySlice<UInt8>) -> Rule? {
        let line = line.trimmingSpaces
        guard let first = line.first, first != .hash, !line.starts(with: Self.macroPrefix) else { return nil }
        let (pattern, attributes) = Self.parsePattern(of: line)
        guard let isLFS = parseFilter(of: attributes.whitespaceSeparated),
            let pattern = IgnorePattern(pattern), !pattern.isNegated
        else { return nil }
        return Rule(pattern: pattern, isLFS: isLFS)
    }

    /// Splits a line into pattern and attributes. A pattern with blanks is quoted and escaped as in C.
    private static func parsePattern(of line: ArraySlice<UInt8>) -> (String, attributes: ArraySlice<UInt8>) {
        guard line.first == .doubleQuote else {
            let end = line.firstIndex { $0.isBlank } ?? line.endIndex
            return (line[..<end].text, line[end...])
        }
        var index = line.startIndex + 1
        while index < line.endIndex, line[index] != .doubleQuote {
            index += line[index] == .backslash ? 2 : 1
        }
        let end = min(index + 1, line.endIndex)
        return (Path(quoted: line[..<end].text).bytes.text, line[end...])
    }

    /// Returns whether the attributes select LFS. The last attribute that sets the filter decides;
    /// `nil` if none does.
    private func parseFilter(of attributes: [ArraySlice<UInt8>]) -> Bool? {
        for field in attributes.reversed() {
            if [field, field.dropFirst()].contains(where: { $0.elementsEqual("filter".utf8) }) {
                return false
            }
            if field.starts(with: "filter=".utf8) { return field.elementsEqual("filter=lfs".utf8) }
            if let macro = macros[Array(field)], let isLFS = macro { return isLFS }
        }
        return nil
    }

    private static let macroPrefix = Array("[attr]".utf8)

    /// Returns whether a path is stored with LFS, by the last matching rule of the nearest directory.
    package func usesLFS(_ path: Path) -> Bool { decision(path)?.isLFS ?? false }

    /// Returns the directory whose file decides on a path; the root if none does.
    package func directory(deciding path: Path) -> Path { decision(path)?.directory ?? .root }

    private func decision(_ path: Path) -> (directory: Path, isLFS: Bool)? {
        guard !rules.isEmpty else { return nil }
        for directory in ([Path.root] + path.levels.dropLast()).reversed() {
            guard let rules = rules[directory] else { continue }
            if let isLFS = rules.decision(for: path.removingPrefix(directory)) { return (directory, isLFS) }
        }
        return nil
    }
}

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

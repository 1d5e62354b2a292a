import SpacesModel
import TextTools

/// How much of a `.gitattributes` is read. Git itself leaves longer lines out (`attr.h`), and so are they here.
package enum AttributesLimit {
    /// Bytes of a file.
    package static let size = 1 << 20
    /// Bytes of a line.
    package static let line = 2_048
    /// Patterns that are neither names, paths nor `*.ending`: each is compared with each path.
    package static let globs = 1_000
}

/// Which paths the `.gitattributes` of a tree send by LFS (`git help gitattributes`).
package struct LFSAttributes: Hashable, Sendable {
    private struct Rule: Hashable, Sendable {
        var pattern: IgnorePattern
        var isLFS: Bool
    }
    private var rules: [Path: RuleIndex] = [:]
    /// Whether a name that the top file defines (`[attr]big filter=lfs`) sends by LFS; nil when it says nothing of it.
    private var macros: [[UInt8]: Bool?] = [:]

    package init() {}

    /// - Parameter files: every `.gitattributes` by its path.
    package init(_ files: [Path: [UInt8]]) {
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) { add(bytes, in: path.parent) }
    }

    /// Takes in the file of a directory; that of the top comes first, as it alone may define names.
    /// What exceeds a limit counts as empty: the preflight refuses it.
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

    /// Which limit a file exceeds; nil if none.
    package static func exceededLimit(_ bytes: [UInt8]) -> String? {
        guard bytes.count <= AttributesLimit.size else {
            return "has \(bytes.count.asSize); at most 1 MiB is read"
        }
        var attributes = LFSAttributes()
        var index = RuleIndex()
        for line in bytes.split(separator: .newline) where line.count <= AttributesLimit.line {
            attributes.defineMacro(line)
            if let rule = attributes.parseRule(line) { index.add(rule.pattern, isLFS: rule.isLFS) }
        }
        return index.exceedsLimit
            ? "has more than \(AttributesLimit.globs) patterns with wildcards; at most so many are read" : nil
    }

    private mutating func defineMacro(_ line: ArraySlice<UInt8>) {
        var words = line.trimmingSpaces.whitespaceSeparated
        guard let first = words.first, first.starts(with: Self.macroPrefix) else { return }
        words.removeFirst()
        macros[Array(first.dropFirst(Self.macroPrefix.count))] = .some(parseFilter(of: words))
    }

    private func parseRule(_ line: ArraySlice<UInt8>) -> Rule? {
        let line = line.trimmingSpaces
        guard let first = line.first, first != .hash, !line.starts(with: Self.macroPrefix) else { return nil }
        let (pattern, rest) = Self.parsePattern(of: line)
        guard let isLFS = parseFilter(of: rest.whitespaceSeparated), let pattern = IgnorePattern(pattern),
            !pattern.isNegated
        else { return nil }
        return Rule(pattern: pattern, isLFS: isLFS)
    }

    /// A pattern with blanks in it stands in quotes, escaped as in C.
    private static func parsePattern(of line: ArraySlice<UInt8>) -> (String, rest: ArraySlice<UInt8>) {
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

    /// The last word that says something of the filter decides.
    private func parseFilter(of attributes: [ArraySlice<UInt8>]) -> Bool? {
        for word in attributes.reversed() {
            if [word, word.dropFirst()].contains(where: { $0.elementsEqual("filter".utf8) }) { return false }
            if word.starts(with: "filter=".utf8) { return word.elementsEqual("filter=lfs".utf8) }
            if let macro = macros[Array(word)], let verdict = macro { return verdict }
        }
        return nil
    }

    private static let macroPrefix = Array("[attr]".utf8)

    /// The last rule of the nearest directory that says something of the path.
    package func usesLFS(_ path: Path) -> Bool { decision(path)?.isLFS ?? false }

    /// The directory whose file decides on a path; the top where none does.
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

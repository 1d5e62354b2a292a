/// Which paths the `.gitattributes` of a tree send by LFS (`git help gitattributes`).
struct LFSAttributes: Hashable, Sendable {
    private struct Rule: Hashable, Sendable {
        var pattern: IgnorePattern
        var isLFS: Bool
    }
    private let rules: [Path: [Rule]]

    /// - Parameter files: every `.gitattributes` by its path.
    init(_ files: [Path: [UInt8]]) {
        let byDirectory = files.map { ($0.key.parent, Self.rules($0.value)) }
        rules = Dictionary(byDirectory) { first, _ in first }
    }

    private static func rules(_ bytes: [UInt8]) -> [Rule] {
        bytes.split(separator: .newline).compactMap { line in
            var words = line.trimmingSpaces.spaced
            guard let first = words.first, first.first != .hash, !first.starts(with: "[attr]".utf8) else {
                return nil
            }
            words.removeFirst()
            let filter = words.last { word in
                [word, word.dropFirst()].contains { $0.elementsEqual("filter".utf8) }
                    || word.starts(with: "filter=".utf8)
            }
            guard let filter, let pattern = IgnorePattern(first.text) else { return nil }
            return Rule(pattern: pattern, isLFS: filter.elementsEqual("filter=lfs".utf8))
        }
    }

    /// The last rule of the nearest directory that says something of the path.
    func sendsByLFS(_ path: Path) -> Bool {
        for directory in ([Path.root] + path.levels.dropLast()).reversed() {
            let below = Path(joining: path.names.dropFirst(directory.names.count))
            let rule = rules[directory]?.last { $0.pattern.matches(below, isDirectory: false) }
            if let rule { return rule.isLFS }
        }
        return false
    }
}

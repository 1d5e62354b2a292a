import Essentials

/// The lines of a `.gitattributes` that send files to LFS.
struct HubLFSAttributes: Sendable {
    private(set) var text: String
    private(set) var isChanged = false
    private var patterns: [String]

    init(_ text: String) {
        self.text = text
        patterns = text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ")
            return words.dropFirst().contains("filter=lfs") ? words.first.map(String.init) : nil
        }
    }

    /// A pattern without slash looks at the last name, as Git does.
    func covers(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return patterns.contains { pattern in
            guard pattern.contains("/") else { return fnmatch(pattern, name, 0) == 0 }
            let anywhere = pattern.replacingEach("/**/", with: "/*")
            return fnmatch(pattern, path, FNM_PATHNAME) == 0 || fnmatch(anywhere, path, 0) == 0
        }
    }

    /// Adds a line for a path that no line covers.
    mutating func add(_ path: String) {
        guard !covers(path) else { return }
        let pattern = path.replacingEach(" ", with: "[[:space:]]")
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        text += "\(pattern) filter=lfs diff=lfs merge=lfs -text\n"
        patterns.append(pattern)
        isChanged = true
    }
}

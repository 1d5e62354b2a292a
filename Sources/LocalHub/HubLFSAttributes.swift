import Essentials

/// The LFS patterns (`filter=lfs`) of a `.gitattributes` file.
struct HubLFSAttributes: Sendable {
    private(set) var text: String
    private(set) var isChanged = false
    private var patterns: [String]

    init(_ text: String) {
        self.text = text
        patterns = text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: " ")
            return fields.dropFirst().contains("filter=lfs") ? fields.first.map(String.init) : nil
        }
    }

    /// Returns whether a pattern matches the path. A pattern without a slash matches the file name
    /// only, as in gitattributes(5).
    func covers(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return patterns.contains { pattern in
            guard pattern.contains("/") else { return fnmatch(pattern, name, 0) == 0 }
            let anywhere = pattern.replacingEach("/**/", with: "/*")
            return fnmatch(pattern, path, FNM_PATHNAME) == 0 || fnmatch(anywhere, path, 0) == 0
        }
    }

    /// Adds a line for the path unless a pattern matches it already.
    mutating func add(_ path: String) {
        guard !covers(path) else { return }
        let pattern = path.replacingEach(" ", with: "[[:space:]]")
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        text += "\(pattern) filter=lfs diff=lfs merge=lfs -text\n"
        patterns.append(pattern)
        isChanged = true
    }
}

import SpacesModel

/// The files that the Hub adds to a new Space, recognised by their content (hub-api.md 2.2), because
/// the subject of a commit is not reliable.
enum InitialHubFiles {
    /// The size limit in bytes of a file that is read: the Hub's files have about 300 and 1,600 bytes.
    static let sizeLimit = 8192

    /// Whether the content of a file with that name is what the Hub writes.
    static func matches(_ name: Path, _ content: [UInt8]) -> Bool {
        guard content.count <= sizeLimit, let text = String(validating: content, as: UTF8.self) else {
            return false
        }
        // Swift treats CR LF as one `Character`, so the text is split at line feeds by Unicode scalars.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String(String.UnicodeScalarView($0)) }
        switch name {
        case "README.md": return isReadme(lines)
        case ".gitattributes": return isAttributes(lines)
        default: return false
        }
    }

    /// Returns a README's text without the link line that the Hub writes below a new card, and without
    /// empty lines at its start and end.
    static func withoutLinkLine(_ body: [UInt8]) -> [UInt8] {
        guard let text = String(validating: body, as: UTF8.self) else { return body }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String(String.UnicodeScalarView($0)) }.filter { !isLinkLine($0) }[...]
        while lines.first?.isEmpty == true { lines.removeFirst() }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Whether the lines are a front matter with keys of a new Space, followed only by the link line.
    private static func isReadme(_ lines: [String]) -> Bool {
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return false }
        guard let keys = keys(of: lines[1..<end]), keys.isSuperset(of: ["title", "sdk"]) else { return false }
        let body = lines[(end + 1)...].filter { !$0.isEmpty }
        return body.count == 1 && body.allSatisfy(isLinkLine)
    }

    /// Returns the keys of the front matter; `nil` if the Hub would not write one of the lines for a
    /// new Space.
    private static func keys(of lines: ArraySlice<String>) -> Set<String>? {
        var keys: Set<String> = []
        for line in lines {
            // A long title or description is folded over several indented lines.
            if line.hasPrefix("  "), !keys.isEmpty { continue }
            guard let colon = line.firstRange(of: ":"), colon.lowerBound != line.startIndex else {
                return nil
            }
            let key = String(line[..<colon.lowerBound])
            guard knownKeys.contains(key), keys.insert(key).inserted else { return nil }
        }
        return keys
    }

    private static func isLinkLine(_ line: String) -> Bool {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        let prefix = "Check out the configuration reference at".split(separator: " ")
        // The host is the Hub's own, which may differ from huggingface.co.
        return parts.count == prefix.count + 1 && parts.starts(with: prefix)
            && parts[prefix.count].hasPrefix("http")
            && parts[prefix.count].hasSuffix("/docs/hub/spaces-config-reference")
    }

    /// Whether all rules are lines of the Hub's `.gitattributes` template for Git LFS.
    private static func isAttributes(_ lines: [String]) -> Bool {
        let rules = lines.filter { !$0.isEmpty }
        return !rules.isEmpty
            && rules.allSatisfy { rule in
                guard let space = rule.firstIndex(of: " ") else { return false }
                return rule[space...] == " filter=lfs diff=lfs merge=lfs -text"
                    && patterns.contains(String(rule[..<space]))
            }
    }

    private static let knownKeys: Set<String> = [
        "title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file",
        "app_port", "pinned", "license", "short_description",
    ]

    /// The patterns of the current template (35) and of earlier templates.
    private static let patterns: Set<String> = [
        "*.7z", "*.arrow", "*.bin", "*.bin.*", "*.bz2", "*.ckpt", "*.ftz", "*.gz", "*.h5", "*.joblib",
        "*.lfs.*", "*.mlmodel", "*.model", "*.msgpack", "*.npy", "*.npz", "*.onnx", "*.ot", "*.parquet",
        "*.pb", "*.pickle", "*.pkl", "*.pt", "*.pth", "*.rar", "*.safetensors", "saved_model/**/*",
        "*.tar.*", "*.tar", "*.tflite", "*.tgz", "*.wasm", "*.xz", "*.zip", "*.zst", "*.zstandard",
        "*tfevents*", "*.tfevents*",
    ]
}

import Essentials
import HTTP

/// A dotenv file of variables or secrets, parsed as by `hf`: `KEY=VALUE` lines, quotes, `export`,
/// comments; a KEY alone takes its value from the environment (`huggingface_hub`'s
/// `utils/_dotenv.py`).
struct EnvFile: Sendable {
    struct Entry: Sendable {
        var name: String
        /// `nil` if the value is to be taken from the environment.
        var value: Secret?
        /// The line number, from 1.
        var line: Int
    }

    private(set) var entries: [Entry] = []
    /// The numbers of invalid lines, from 1. Their content is not reported, because it may be secret.
    private(set) var invalidLines: [Int] = []

    init(_ text: String) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let trimmed = line.trimmingSpaces()
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            if let (name, value) = Self.pair(trimmed) {
                entries.append(Entry(name: name, value: value.map { Secret(exactly: $0) }, line: index + 1))
            } else {
                invalidLines.append(index + 1)
            }
        }
    }

    private static func pair(_ line: String) -> (String, String?)? {
        var remaining = line[...]
        if let export = remaining.prefixMatch(of: /export[ \t]+/) {
            remaining = remaining[export.range.upperBound...]
        }
        guard let name = remaining.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) else { return nil }
        remaining = remaining[name.range.upperBound...].drop { $0 == " " || $0 == "\t" }
        guard remaining.first == "=" else {
            return remaining.isEmpty || remaining.first == "#" ? (String(name.output), nil) : nil
        }
        return (String(name.output), value(remaining.dropFirst()))
    }

    private static func value(_ text: Substring) -> String {
        let bare = text.drop { $0 == " " || $0 == "\t" }
        if let quoted = bare.wholeMatch(of: /'((?:\\'|[^'])*)'[ \t]*(?:#.*)?/) { return String(quoted.1) }
        if let quoted = bare.wholeMatch(of: /"((?:\\"|[^"])*)"[ \t]*(?:#.*)?/) { return unescaped(quoted.1) }
        // `#` starts a comment only after a blank.
        let plain = text.firstMatch(of: /[ \t]+#.*$/).map { text[..<$0.range.lowerBound] } ?? text
        return plain.trimmingSpaces()
    }

    /// Resolves `\n`, `\t`, `\"`, `\\` and `\$`; other escapes are unchanged.
    private static func unescaped(_ text: Substring) -> String {
        var (result, remaining) = ("", text)
        while let character = remaining.popFirst() {
            guard character == "\\", let next = remaining.popFirst() else {
                result.append(character)
                continue
            }
            switch next {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "\"", "\\", "$": result.append(next)
            default: result += "\\\(next)"
            }
        }
        return result
    }
}

import Essentials
import HTTP

/// A file of variables or secrets, as `hf` reads it: `KEY=VALUE` a line, quotes, `export`, comments; a KEY alone takes
/// the environment's (`huggingface_hub`'s `utils/_dotenv.py`).
struct EnvFile: Sendable {
    struct Entry: Sendable {
        var name: String
        /// nil: the environment's.
        var value: Secret?
        /// From 1.
        var line: Int
    }

    private(set) var entries: [Entry] = []
    /// Lines that say nothing, from 1. What stands in them may be secret, and is not told.
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
        var rest = line[...]
        if let export = rest.prefixMatch(of: /export[ \t]+/) { rest = rest[export.range.upperBound...] }
        guard let name = rest.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) else { return nil }
        rest = rest[name.range.upperBound...].drop { $0 == " " || $0 == "\t" }
        guard rest.first == "=" else {
            return rest.isEmpty || rest.first == "#" ? (String(name.output), nil) : nil
        }
        return (String(name.output), value(rest.dropFirst()))
    }

    private static func value(_ text: Substring) -> String {
        let bare = text.drop { $0 == " " || $0 == "\t" }
        if let quoted = bare.wholeMatch(of: /'((?:\\'|[^'])*)'[ \t]*(?:#.*)?/) { return String(quoted.1) }
        if let quoted = bare.wholeMatch(of: /"((?:\\"|[^"])*)"[ \t]*(?:#.*)?/) { return unescaped(quoted.1) }
        // A # ends the value only behind a blank.
        let plain = text.firstMatch(of: /[ \t]+#.*$/).map { text[..<$0.range.lowerBound] } ?? text
        return plain.trimmingSpaces()
    }

    /// `\n`, `\t`, `\"`, `\\`, `\$`; any other stays as it is.
    private static func unescaped(_ text: Substring) -> String {
        var (result, rest) = ("", text)
        while let character = rest.popFirst() {
            guard character == "\\", let next = rest.popFirst() else {
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

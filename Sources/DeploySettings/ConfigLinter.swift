import SpacesModel
import TextTools

/// A linter for settings files that runs before libgit2 reads them: some mistakes are valid Git
/// syntax with another meaning. For the syntax see "Syntax" in `git help config`.
package struct ConfigLinter: Sendable {
    /// The maximum size in bytes; a longer file is an error.
    package static let limit = 64 << 10

    package let errors: [SettingError]
    package let warnings: [SettingError]
    /// Keys in file order. libgit2 does not report the line of a key.
    private let keys: [(name: String, line: Int)]

    package init(_ bytes: [UInt8], origin: SettingOrigin) {
        guard bytes.count <= Self.limit else {
            self.init(
                SettingError(
                    origin, key: nil, value: nil, "is larger than 64 KiB, the limit for a settings file"))
            return
        }
        guard !bytes.contains(0) else {
            self.init(
                SettingError(origin, key: nil, value: nil, "is not a text file: it contains a NUL byte"))
            return
        }
        var linter = LineLinter(origin: origin)
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let lineText = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            linter.checkLine(lineText, number: index + 1)
        }
        linter.finish()
        self.init(errors: linter.errors, warnings: linter.warnings, keys: linter.keys)
    }

    private init(_ problem: SettingError) { self.init(errors: [problem], warnings: [], keys: []) }

    private init(errors: [SettingError], warnings: [SettingError], keys: [(name: String, line: Int)]) {
        (self.errors, self.warnings, self.keys) = (errors, warnings, keys)
    }

    /// Returns the line numbers of the keys that libgit2 read from this text, in their order.
    package func lines(of keysRead: [String]) -> [Int?] {
        var remainingKeys = keys[...]
        return keysRead.map { key in
            guard let index = remainingKeys.firstIndex(where: { $0.name == key }) else { return nil }
            defer { remainingKeys = remainingKeys[remainingKeys.index(after: index)...] }
            return remainingKeys[index].line
        }
    }
}

private struct LineLinter {
    let origin: SettingOrigin
    var errors: [SettingError] = []
    var warnings: [SettingError] = []
    var keys: [(name: String, line: Int)] = []
    /// A value that continues on the next line.
    private var pending: (key: String, line: Int, value: ConfigValue)?

    init(origin: SettingOrigin) { self.origin = origin }

    mutating func checkLine(_ line: String, number: Int) {
        if var value = pending?.value, let (key, start, _) = pending {
            pending = nil
            return value.read(line) ? pending = (key, start, value) : checkValue(value, of: key, start)
        }
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard let first = text.first, first != "#", first != ";" else { return }
        first == "[" ? checkHeader(text, number) : checkEntry(text, number)
    }

    /// Checks a value that ends with a continuation backslash on the last line.
    mutating func finish() {
        if let (key, line, value) = pending { checkValue(value, of: key, line) }
        pending = nil
    }

    private mutating func checkHeader(_ text: Substring, _ number: Int) {
        let section = text.dropFirst().drop { $0 == " " || $0 == "\t" }
            .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }.lowercased()
        if section.split(separator: ".").first.map({ ["include", "includeif"].contains($0) }) == true {
            errors.append(makeError(number, String(text), "a settings file cannot include other files"))
        }
        // Git accepts `[space "a/b"] key = value` on one line, but people overlook the key.
        guard let end = headerEnd(text) else { return }
        let textAfterHeader = text[text.index(after: end)...].drop { $0 == " " || $0 == "\t" }
        if let first = textAfterHeader.first, first != "#", first != ";" {
            errors.append(
                makeError(number, String(text), "the key must be on its own line, below the section header"))
        }
    }

    private func headerEnd(_ text: Substring) -> Substring.Index? {
        var quoted = false
        var escaped = false
        for index in text.indices {
            let character = text[index]
            if escaped {
                escaped = false
            } else if quoted, character == "\\" {
                escaped = true
            } else if character == "\"" {
                quoted.toggle()
            } else if character == "]", !quoted {
                return index
            }
        }
        return nil
    }

    private mutating func checkEntry(_ text: Substring, _ number: Int) {
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        if name.contains("_") {
            let plainName = String(name.filter { $0 != "_" })
            let spelling = SettingKey.named(plainName)?.name ?? plainName
            errors.append(
                makeError(number, String(name), "a key cannot contain an underscore", hint: "use \(spelling)")
            )
        }
        keys.append((name.lowercased(), number))
        let textAfterName = text[name.endIndex...].drop { $0 == " " || $0 == "\t" }
        guard textAfterName.first == "=" else { return }
        var value = ConfigValue()
        let continues = value.read(textAfterName.dropFirst().drop { $0 == " " || $0 == "\t" })
        continues ? pending = (String(name), number, value) : checkValue(value, of: String(name), number)
    }

    private mutating func checkValue(_ value: ConfigValue, of key: String, _ number: Int) {
        guard !value.isQuoted else {
            return errors.append(
                makeError(
                    number, "\(key) = \(Self.shortened(value.written))", "the quote is not closed",
                    hint: "close it, or write \\\" for a literal quote"))
        }
        let written = ConfigValue.withoutTrailingBlanks(value.written)
        let isWhollyQuoted = written.first == "\"" && written.last == "\"" && written.count > 1
        guard !isWhollyQuoted, value.parsed != written.replacing("\\\\", with: "\\") else { return }
        let escaped = written.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        warnings.append(
            SettingError(
                origin, line: number, key: key, value: nil, "Git reads this as: \(value.parsed)",
                hint: escaped.redactingURLs == escaped
                    ? "to keep the whole value, use \(key) = \"\(escaped)\""
                    : "to keep the whole value, put it in double quotes"))
    }

    /// Returns the text shortened to 40 characters for an error message.
    private static func shortened(_ text: String) -> String {
        text.count > 40 ? text.prefix(40) + "…" : text
    }

    private func makeError(_ number: Int, _ text: String, _ message: String, hint: String? = nil)
        -> SettingError
    {
        SettingError(origin, line: number, key: text, value: nil, message, hint: hint)
    }
}

/// A value as it is written, and as Git parses it: without comments and quotes, with escapes resolved.
private struct ConfigValue {
    private(set) var written = ""
    /// Whether a quote is still open.
    private(set) var isQuoted = false
    private var value = ""

    var parsed: String { isQuoted ? value : Self.withoutTrailingBlanks(value) }

    static func withoutTrailingBlanks(_ text: String) -> String {
        String(text[..<(text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.startIndex)])
    }

    /// Parses one line.
    /// - Returns: Whether the value continues on the next line, that is, the line ends with a backslash.
    mutating func read(_ line: some StringProtocol) -> Bool {
        var escaped = false
        var isComment = false
        for character in line {
            written.append(character)
            if isComment { continue }
            if escaped {
                let escapes: [Character: Character] = ["n": "\n", "t": "\t"]
                value.append(escapes[character] ?? character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, character == "#" || character == ";" {
                isComment = true
            } else {
                value.append(character)
            }
        }
        if escaped { written.removeLast() }
        return escaped
    }
}

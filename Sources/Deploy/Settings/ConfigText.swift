/// Looks over a settings file before libgit2 reads it: Git's syntax has traps that parse and mean something else.
/// Syntax as `git help config` describes it.
package struct ConfigText: Sendable {
    /// Bytes; a longer file is refused.
    package static let limit = 64 << 10

    package let problems: [Problem]
    package let warnings: [Problem]

    package init(_ bytes: [UInt8], origin: SettingOrigin) {
        guard bytes.count <= Self.limit else {
            problems = [
                Problem(
                    origin, key: nil, value: nil,
                    "is longer than \(Self.limit / 1024) KiB; settings are short")
            ]
            warnings = []
            return
        }
        guard !bytes.contains(0) else {
            problems = [Problem(origin, key: nil, value: nil, "is no text: it holds a NUL byte")]
            warnings = []
            return
        }
        var findings = Findings(origin: origin)
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var continued = false
        for (index, line) in lines.enumerated() {
            let written = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            if !continued { findings.look(at: written, number: index + 1) }
            continued = written.hasSuffix("\\")
        }
        (problems, warnings) = (findings.problems, findings.warnings)
    }
}

private struct Findings {
    let origin: SettingOrigin
    var problems: [Problem] = []
    var warnings: [Problem] = []

    mutating func look(at line: String, number: Int) {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard let first = text.first, first != "#", first != ";" else { return }
        first == "[" ? lookAtHeader(text, number) : lookAtEntry(text, number)
    }

    private mutating func lookAtHeader(_ text: Substring, _ number: Int) {
        let section = text.dropFirst().drop { $0 == " " || $0 == "\t" }
            .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }.lowercased()
        if section.split(separator: ".").first.map({ ["include", "includeif"].contains($0) }) == true {
            problems.append(problem(number, String(text), "files are not included from settings"))
        }
        // `[space "a/b"] key = value` on one line is read by Git, and overlooked by people.
        guard let end = headerEnd(text) else { return }
        let rest = text[text.index(after: end)...].drop { $0 == " " || $0 == "\t" }
        if let first = rest.first, first != "#", first != ";" {
            problems.append(problem(number, String(text), "one key a line: put this on a line of its own"))
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

    private mutating func lookAtEntry(_ text: Substring, _ number: Int) {
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        if name.contains("_") {
            let plain = String(name.filter { $0 != "_" })
            let spelling = Key.named(plain)?.name ?? plain
            problems.append(
                problem(number, String(name), "Git's keys have no underscore", hint: "write \(spelling)"))
        }
        guard let equals = text.firstIndex(of: "=") else { return }
        let value = text[text.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        lookAtValue(value, of: String(name), number)
    }

    private mutating func lookAtValue(_ value: Substring, of key: String, _ number: Int) {
        let written = value.trimmedEnd
        let meant = gitValue(of: written)
        let isWhollyQuoted = written.first == "\"" && written.last == "\"" && written.count > 1
        guard !isWhollyQuoted, meant != written.replacing("\\\\", with: "\\") else { return }
        let escaped = written.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        warnings.append(
            Problem(
                origin, key: key, value: nil, "line \(number): Git reads this as: \(meant)",
                hint: "if all of it is meant, write \(key) = \"\(escaped)\""))
    }

    /// What Git makes of a value on one line: comments cut, quotes dropped, escapes resolved.
    private func gitValue(of written: String) -> String {
        var result = ""
        var quoted = false
        var escaped = false
        for character in written {
            if escaped {
                let escapes: [Character: Character] = ["n": "\n", "t": "\t"]
                result.append(escapes[character] ?? character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if character == "\"" {
                quoted.toggle()
            } else if !quoted, character == "#" || character == ";" {
                break
            } else {
                result.append(character)
            }
        }
        return quoted ? result : result[...].trimmedEnd
    }

    private func problem(_ number: Int, _ text: String, _ message: String, hint: String? = nil) -> Problem {
        Problem(origin, key: "line \(number)", value: nil, "\(text): \(message)", hint: hint)
    }
}

extension Substring {
    /// Without blanks at the end.
    package var trimmedEnd: String {
        var end = endIndex
        while end > startIndex, self[index(before: end)].isWhitespace { end = index(before: end) }
        return String(self[..<end])
    }
}

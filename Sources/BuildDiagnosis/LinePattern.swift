import TextTools

/// A pattern of text in a log line, ignoring ASCII case and the kind of quotation marks.
///
/// - `{name}` captures a word: between two texts exactly what is there, at the end of the pattern the
///   first word that follows, at its beginning or after `…` the last word before.
/// - `{name*}` captures any text, `…` matches any text.
/// - `^` at the beginning and `$` at the end stand for the ends of the line.
/// - `|` separates alternatives, of which the first that matches counts. An array has alternatives, too.
struct LinePattern: Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    private let alternatives: [Alternative]

    init(stringLiteral text: String) { self.init(text) }
    init(arrayLiteral patterns: LinePattern...) { alternatives = patterns.flatMap(\.alternatives) }
    init(_ pattern: String) {
        alternatives = pattern.split(separator: "|", omittingEmptySubsequences: false).map { Alternative($0) }
    }

    /// A text that contains `|`.
    init(verbatim text: String) { alternatives = [Alternative(text[...])] }

    func matches(_ line: NormalizedLine) -> Bool { alternatives.contains { $0.matches(line) } }

    /// Returns the captured values; `nil` if the line does not match.
    func captures(in line: NormalizedLine) -> [String: String]? {
        for alternative in alternatives {
            if let values = alternative.captures(in: line) { return values }
        }
        return nil
    }

    /// Returns the values of the first alternative that matches one of the lines.
    func captures(in lines: ArraySlice<NormalizedLine>) -> [String: String]? {
        for alternative in alternatives {
            for line in lines { if let values = alternative.captures(in: line) { return values } }
        }
        return nil
    }
}

/// A sequence of texts and captures, one alternative of a pattern.
private struct Alternative: Sendable {
    private enum Part {
        case literal([UInt8], BytePairs)
        case word(String)
        case text(String)
        case gap
    }

    private let parts: [Part]
    private let isAtStart: Bool
    private let isAtEnd: Bool

    init(_ pattern: Substring) {
        (isAtStart, isAtEnd) = (pattern.first == "^", pattern.last == "$")
        var rest = pattern.dropFirst(isAtStart ? 1 : 0).dropLast(isAtEnd ? 1 : 0)
        var parts: [Part] = []
        while let character = rest.first {
            if character == "…" {
                parts.append(.gap)
                rest.removeFirst()
            } else if character == "{", let end = rest.firstIndex(of: "}") {
                let name = String(rest[..<end].dropFirst())
                parts.append(name.last == "*" ? .text(String(name.dropLast())) : .word(name))
                rest = rest[end...].dropFirst()
            } else {
                let literal = rest.prefix { $0 != "…" && $0 != "{" }
                let bytes = NormalizedLine.withPlainQuotes(literal.utf8).map(\.lowered)
                parts.append(.literal(bytes, BytePairs(bytes)))
                rest = rest[literal.endIndex...]
            }
        }
        self.parts = parts
    }

    func matches(_ line: NormalizedLine) -> Bool {
        if !isAtStart, !isAtEnd, parts.count == 1, case .literal(let literal, let pairs) = parts[0] {
            return line.firstIndex(of: literal, pairs) != nil
        }
        return captures(in: line) != nil
    }

    /// Returns the captured values. Each text is searched for once, from the end of the one before, so
    /// the time is linear in the length of the line.
    func captures(in line: NormalizedLine) -> [String: String]? {
        var (values, end): ([String: String], Int) = ([:], 0)
        var (pending, followsGap): (Part?, Bool) = (nil, false)
        for (index, part) in parts.enumerated() {
            guard case .literal(let literal, let pairs) = part else {
                if case .gap? = pending { followsGap = true }
                pending = part
                continue
            }
            guard let start = line.firstIndex(of: literal, pairs, from: end),
                !isAtStart || index > 0 || start == 0,
                Self.capture(
                    pending, line.bytes[end..<start], isFirst: followsGap || index == 1 && !isAtStart, &values
                )
            else { return nil }
            (pending, followsGap, end) = (nil, false, start + literal.count)
        }
        if pending == nil { return !isAtEnd || end == line.bytes.count ? values : nil }
        return Self.capture(pending, line.bytes[end...], isLast: true, &values) ? values : nil
    }

    /// Adds the value of one part; returns false if the text is empty or not a word.
    private static func capture(
        _ part: Part?, _ bytes: ArraySlice<UInt8>, isFirst: Bool = false, isLast: Bool = false,
        _ values: inout [String: String]
    ) -> Bool {
        switch part {
        case .text(let name):
            values[name] = bytes.text
            return !bytes.isEmpty
        case .word(let name):
            var word = bytes
            if isFirst {
                word = bytes.split { $0.isBlank || $0 == .quote || $0 == UInt8(ascii: "(") }.last ?? []
            }
            if isLast {
                word = bytes.drop { " \t:;,.()[]".utf8.contains($0) }
                let isQuoted = word.first == .quote
                word = word.dropFirst(isQuoted ? 1 : 0).prefix { $0 != .quote && (isQuoted || !$0.isBlank) }
                while let last = word.last, ":;,.()[]".utf8.contains(last) { word.removeLast() }
            }
            values[name] = word.text
            return word.text.isPlainWord
        case .literal, .gap, nil: return true
        }
    }
}

extension String {
    /// Returns the text after the first occurrence of a substring, ignoring ASCII case; `nil` if
    /// there is none.
    func after(_ substring: String) -> String? {
        let (bytes, searched) = (Array(utf8), substring.utf8.map(\.lowered))
        guard !searched.isEmpty, bytes.count >= searched.count else { return nil }
        for start in 0...(bytes.count - searched.count)
        where zip(bytes[start...], searched).allSatisfy({ $0.lowered == $1 }) {
            return bytes[(start + searched.count)...].text
        }
        return nil
    }

    /// Returns the text before the first occurrence of a substring, ignoring ASCII case; `nil` if
    /// there is none.
    func before(_ substring: String) -> String? {
        after(substring).map { suffix in
            utf8.prefix(utf8.count - suffix.utf8.count - substring.utf8.count).text
        }
    }

    func trimmed(_ isTrimmed: (Character) -> Bool) -> String {
        var slice = self[...]
        while let first = slice.first, isTrimmed(first) { slice = slice.dropFirst() }
        while let last = slice.last, isTrimmed(last) { slice = slice.dropLast() }
        return String(slice)
    }

    /// Whether the text can be used in a command that a user copies: no blanks, quotes, shell
    /// metacharacters or URLs.
    var isPlainWord: Bool {
        !isEmpty && utf8.count <= 200 && !contains("://")
            && utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_./@+:~=<>!,[]".utf8.contains($0) }
    }

    /// The parent directory of a path; the path itself if it has none.
    var folder: String {
        guard let slash = lastIndex(of: "/"), slash > startIndex else { return self }
        return String(self[..<slash])
    }
}

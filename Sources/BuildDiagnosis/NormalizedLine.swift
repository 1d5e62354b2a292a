import TextTools

/// One line of what is searched, in ASCII lower case: logs are long, and clues are many.
struct NormalizedLine: Sendable {
    let text: String
    let isFromHub: Bool
    private let bytes: [UInt8]

    /// No line of a log need be longer than this to be understood.
    private static let maxLength = 2_000

    init(_ text: String, isFromHub: Bool = false) {
        let bytes = Array(text.utf8.prefix(Self.maxLength))
        (self.text, self.isFromHub, self.bytes) = (bytes.text, isFromHub, bytes.map(\.lowered))
    }

    /// - Parameter mark: in lower case.
    func has(_ substring: String) -> Bool {
        var substring = substring
        return substring.withUTF8 { substring in
            guard let first = substring.first, substring.count <= bytes.count else { return false }
            for start in 0...(bytes.count - substring.count) where bytes[start] == first {
                if bytes[start..<start + substring.count].elementsEqual(substring) { return true }
            }
            return false
        }
    }

    func has(anyOf substrings: [String]) -> Bool { substrings.contains { has($0) } }

    /// Says of itself that it is no error.
    var isWarning: Bool {
        has(anyOf: [
            "warning:", "deprecat", "futurewarning", "userwarning", "warn]", "| warn", " warn ", "level=warn",
            "\"warn\"",
            "[warning]", "warning  ",
        ])
    }
}

extension String {
    /// What follows the first `mark`, whatever its case.
    func after(_ substring: String) -> String? {
        let (bytes, wanted) = (Array(utf8), substring.utf8.map(\.lowered))
        guard !wanted.isEmpty, bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count)
        where zip(bytes[start...], wanted).allSatisfy({ $0.lowered == $1 }) {
            return bytes[(start + wanted.count)...].text
        }
        return nil
    }

    /// What stands before the first `mark`, whatever its case.
    func before(_ substring: String) -> String? {
        after(substring).map { rest in utf8.prefix(utf8.count - rest.utf8.count - substring.utf8.count).text }
    }

    /// What the first pair of quotes holds.
    var quoted: String? {
        let marks: [Character: Character] = ["'": "'", "\"": "\"", "`": "`", "\u{2018}": "\u{2019}"]
        guard let open = firstIndex(where: { marks[$0] != nil }), let close = marks[self[open]] else {
            return nil
        }
        let rest = self[index(after: open)...]
        guard let end = rest.firstIndex(of: close), end > rest.startIndex else { return nil }
        return String(rest[..<end])
    }

    /// The first word, without the punctuation around it.
    var firstWord: String? {
        let word = split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init)
        let trimmed = word?.trimmed { ":;,.()[]\"'`".contains($0) }
        return trimmed?.isEmpty == false ? trimmed : nil
    }

    var lastWord: String? {
        split(whereSeparator: { " \t('\"`".contains($0) }).last.map(String.init)
    }

    func trimmed(_ isTrimmed: (Character) -> Bool) -> String {
        var rest = self[...]
        while let first = rest.first, isTrimmed(first) { rest = rest.dropFirst() }
        while let last = rest.last, isTrimmed(last) { rest = rest.dropLast() }
        return String(rest)
    }

    /// May stand in a line that a user types: no blank, no quote, nothing that a shell would read.
    var isPlainWord: Bool {
        !isEmpty && utf8.count <= 200
            && utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_./@+:~=<>!,[]".utf8.contains($0) }
    }

    /// The folder that a path is in; the path itself where it names none.
    var folder: String {
        guard let slash = lastIndex(of: "/"), slash > startIndex else { return self }
        return String(self[..<slash])
    }
}

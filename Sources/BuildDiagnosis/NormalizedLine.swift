import TextTools

/// A log line in ASCII lower case, prepared once because it is compared with many patterns.
struct NormalizedLine: Sendable {
    let text: String
    let isFromHub: Bool
    private let bytes: [UInt8]

    /// In bytes; the rest of a longer line is not searched.
    private static let maxLength = 2_000

    init(_ text: String, isFromHub: Bool = false) {
        let bytes = Array(text.utf8.prefix(Self.maxLength))
        (self.text, self.isFromHub, self.bytes) = (bytes.text, isFromHub, bytes.map(\.lowered))
    }

    /// - Parameter substring: in lower case.
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

    /// Whether the line is marked as a warning, not an error.
    var isWarning: Bool {
        has(anyOf: [
            "warning:", "deprecat", "futurewarning", "userwarning", "warn]", "| warn", " warn ", "level=warn",
            "\"warn\"",
            "[warning]", "warning  ",
        ])
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

    /// The text between the first pair of quotes.
    var quoted: String? {
        let closingQuotes: [Character: Character] = ["'": "'", "\"": "\"", "`": "`", "\u{2018}": "\u{2019}"]
        guard let open = firstIndex(where: { closingQuotes[$0] != nil }),
            let close = closingQuotes[self[open]]
        else {
            return nil
        }
        let afterOpeningQuote = self[index(after: open)...]
        guard let end = afterOpeningQuote.firstIndex(of: close), end > afterOpeningQuote.startIndex else {
            return nil
        }
        return String(afterOpeningQuote[..<end])
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
        var slice = self[...]
        while let first = slice.first, isTrimmed(first) { slice = slice.dropFirst() }
        while let last = slice.last, isTrimmed(last) { slice = slice.dropLast() }
        return String(slice)
    }

    /// Whether the text can be used in a command that a user copies: no blanks, quotes or shell
    /// metacharacters.
    var isPlainWord: Bool {
        !isEmpty && utf8.count <= 200
            && utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_./@+:~=<>!,[]".utf8.contains($0) }
    }

    /// The parent directory of a path; the path itself if it has none.
    var folder: String {
        guard let slash = lastIndex(of: "/"), slash > startIndex else { return self }
        return String(self[..<slash])
    }
}

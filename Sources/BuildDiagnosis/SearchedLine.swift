import TextTools

/// One line of what is searched, in ASCII lower case: logs are long, and clues are many.
struct SearchedLine: Sendable {
    let text: String
    let isHub: Bool
    private let bytes: [UInt8]

    /// No line of a log need be longer than this to be understood.
    private static let longest = 2_000

    init(_ text: String, isHub: Bool = false) {
        let bytes = Array(text.utf8.prefix(Self.longest))
        (self.text, self.isHub, self.bytes) = (bytes.text, isHub, bytes.map(\.lowered))
    }

    /// - Parameter mark: in lower case.
    func has(_ mark: String) -> Bool {
        var mark = mark
        return mark.withUTF8 { mark in
            guard let first = mark.first, mark.count <= bytes.count else { return false }
            for start in 0...(bytes.count - mark.count) where bytes[start] == first {
                if bytes[start..<start + mark.count].elementsEqual(mark) { return true }
            }
            return false
        }
    }

    func has(anyOf marks: [String]) -> Bool { marks.contains { has($0) } }

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
    func after(_ mark: String) -> String? {
        let (bytes, wanted) = (Array(utf8), mark.utf8.map(\.lowered))
        guard !wanted.isEmpty, bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count)
        where zip(bytes[start...], wanted).allSatisfy({ $0.lowered == $1 }) {
            return bytes[(start + wanted.count)...].text
        }
        return nil
    }

    /// What stands before the first `mark`, whatever its case.
    func before(_ mark: String) -> String? {
        after(mark).map { rest in utf8.prefix(utf8.count - rest.utf8.count - mark.utf8.count).text }
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

    func trimmed(_ isSurplus: (Character) -> Bool) -> String {
        var rest = self[...]
        while let first = rest.first, isSurplus(first) { rest = rest.dropFirst() }
        while let last = rest.last, isSurplus(last) { rest = rest.dropLast() }
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

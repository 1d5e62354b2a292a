import TestSupport
import Testing

/// The words of the texts that users see (the style guide, section 4).
struct WordingTests {
    /// Texts with a word of the list that are not spacesync's own, by the path and a part of the text.
    private static let exceptions: [(path: String, text: String, reason: String)] = [
        ("Reporting/JSONReporter", "mend", "the old name of the JSON field fix"),
        ("CLI/Commands/Doctor/DoctorCommand", "mend", "the old name of the JSON field fix"),
    ]

    @Test func `no string literal of the sources contains an avoided word`() throws {
        var usedExceptions: Set<Int> = []
        for file in try PackageRoot.swiftFiles(in: "Sources") {
            for literal in SwiftLiterals.find(in: file.text) {
                let words = AvoidedWords.found(in: literal.text)
                guard !words.isEmpty else { continue }
                if let index = Self.exceptions.firstIndex(where: {
                    file.path.contains($0.path) && literal.text.contains($0.text)
                }) {
                    usedExceptions.insert(index)
                } else {
                    Issue.record("\(file.path):\(literal.line): \(words) in \"\(literal.text)\"")
                }
            }
        }
        #expect(usedExceptions.count == Self.exceptions.count, "an exception is not needed any more")
    }

    @Test func `literals are found in code, and not in comments`() {
        let source = ##"""
            let a = "one \(b("two"))"  // "no"
            /* "no" /* "no" */ "no" */
            let c = #"three "quoted" \(no) \#(d)"#
            let e = """
                four
                \(f ? "five" : "\"six\"")
                """
            """##
        let literals = SwiftLiterals.find(in: source)
        #expect(
            literals.map(\.text) == [
                "two", "one X", #"three "quoted" \(no) X"#, "five", #"\"six\""#, "\n    four\n    X\n    ",
            ])
        #expect(literals.map(\.line) == [1, 1, 3, 6, 6, 4])
    }
}

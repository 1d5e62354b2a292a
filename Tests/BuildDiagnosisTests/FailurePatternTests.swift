import TestSupport
import Testing

@testable import BuildDiagnosis
@testable import SpacesModel

/// Tests of the matcher, and of the tables as a whole.
struct FailurePatternTests {
    let space: SpaceID

    init() throws { space = try #require(SpaceID("me/app")) }

    // MARK: Lines

    @Test(arguments: [
        ("no module named '{name}'", "Error: No module named \"cv2\"", "cv2"),
        ("no module named '{name}'", "Error: No module named \u{2018}cv2\u{2019}", "cv2"),
        ("no module named '{name}'", #"{"error":"No module named \"cv2\""}"#, "cv2"),
        ("locate package {name}", "E: Unable to locate package (libgl1).", "libgl1"),
        ("{name}: not found", "/bin/sh: 1: npm: not found", "npm"),
        ("requested {name*}", "The user requested torch == 2", "torch == 2"),
        ("{name*}/hub/models--", "/cache/hub/models--a/hub/models--b", "/cache"),
        ("a '{name}'…b", "a 'x' and b", "x"), ("^import {name}$", "import os", "os"),
        ("wrong {name}|right {name}", "right a, wrong", "a"),
        ("sh: …{name}: not found", "/app/start.sh: 4: uvicorn: not found", "uvicorn"),
        ("sh: …{name}: not found", "/bin/sh: npm: not found", "npm"),
    ])
    func `a pattern captures a word or a text`(_ pattern: String, _ line: String, _ value: String) {
        #expect(LinePattern(pattern).captures(in: NormalizedLine(line)) == ["name": value])
    }

    @Test(arguments: [
        ("no module named '{name}'", "No module named ''"),
        ("no module named '{name}'", "No module named 'a; b'"),
        ("no module named '{name}'", "No module named 'cv2"), ("package {name}", "package "),
        ("package {name}", "package $(reboot)"),
        ("package {name}", "package 'a b'"), ("^import", "an import"), ("import$", "imports"),
        ("first…second", "second, first"), ("from {name}", "from https://example.com/"),
    ])
    func `a line without a safe word, or with the parts in another order, does not match`(
        _ pattern: String, _ line: String
    ) {
        #expect(LinePattern(pattern).captures(in: NormalizedLine(line)) == nil)
    }

    @Test func `the first alternative that matches counts, also if another line matches a later one`() {
        let lines = ["denied: 'b'", "user requested a"].map { NormalizedLine($0) }
        let pattern: LinePattern = ["user requested {name}", "denied: '{name}'"]
        #expect(pattern.captures(in: lines[...]) == ["name": "a"])
    }

    // MARK: Texts

    @Test(arguments: [
        ("no {name}", "no cv2"), ("{other|nothing}", "nothing"), ("{name|nothing}", "cv2"),
        ("of{name? (%)}", "of (cv2)"), ("of{other? (%)}", "of"), ("{other?yes|no {name}}", "no cv2"),
        ("{name?{other?both|only {name}}|none} at 5%", "only cv2 at 5%"), ("http { } {name}", "http { } cv2"),
        ("{hostile}", "{name} | %"),
    ])
    func `a text contains its values`(_ template: String, _ text: String) {
        #expect(TextTemplate.render(template, ["name": "cv2", "hostile": "{name} | %"]) == text)
    }

    // MARK: Precedence

    private func cause(_ run: String..., message: String = "Exit code: 1") -> DiagnosedCause? {
        FailureContext(.runtimeError, of: space, errorMessage: message, run: run).explanation?.cause
    }

    @Test func `the higher confidence takes precedence, then the later line, then the earlier row`() {
        // A missing variable that is only mentioned is less certain than a missing module.
        let (module, mention) = ("ModuleNotFoundError: No module named 'cv2'", "API_KEY is not set")
        #expect(cause(module, mention) == .pythonModule)
        #expect(cause(mention, module) == .pythonModule)
        #expect(cause(module, "CUDA out of memory") == .gpuMemory)
        #expect(cause("CUDA out of memory", module) == .pythonModule)
        // Both rows match one line with the same confidence; the one for Python comes first.
        #expect(cause("ImportError: no module named cv2: CUDA out of memory") == .pythonModule)
        #expect(cause(module, message: "Scheduling failure: unable to schedule") == .scheduling)
    }

    @Test func `an uncertain match counts only at or after the last exception`() {
        let traceback = ["Traceback (most recent call last):", "ValueError: 3"]
        #expect(cause("API_KEY is not set", traceback[0], traceback[1]) == nil)
        #expect(cause(traceback[0], traceback[1], "API_KEY is not set") == .missingSecret)
    }

    // MARK: Tables

    private static let excerpts =
        Excerpt.known + Excerpt.knownMore + Excerpt.knownLast + Excerpt.services + Excerpt.starts
        + Excerpt.setAside + Excerpt.fresh + Excerpt.later + Excerpt.laterNext + Excerpt.laterMore
        + Excerpt.rows

    @Test(arguments: Excerpt.rows)
    func `each message of a program has the correct cause and fix`(_ excerpt: Excerpt) {
        let diagnosis = excerpt.diagnosis(in: space)
        #expect(excerpt.isHit(by: diagnosis), "\(diagnosis)")
    }

    @Test func `every row matches an excerpt`() {
        var rows = Set(FailurePattern.all.indices)
        for excerpt in Self.excerpts {
            for line in excerpt.context(in: space).candidates {
                rows = rows.filter { FailurePattern.all[$0].match(line) == nil }
            }
        }
        for row in rows.sorted() { Issue.record("\(row): \(FailurePattern.all[row].why)") }
    }

    /// The second of two such rows would never be used. Functions have no description: rows with a function
    /// are compared with their texts.
    @Test func `no two rows have the same pattern`() {
        var seen: Set<String> = []
        for row in FailurePattern.all {
            let conditions = "\(row.conditions)"
            let texts = conditions.contains("(Function)") ? row.why + row.fix : ""
            #expect(seen.insert("\(row.line) \(conditions) \(texts)").inserted, "\(row.why)")
        }
    }

    @Test func `the texts use the standard words`() {
        for row in FailurePattern.all {
            #expect(AvoidedWords.found(in: row.why) == [], "\(row.why)")
            #expect(AvoidedWords.found(in: row.fix) == [], "\(row.fix)")
        }
    }

    @Test func `every value of a text is captured`() {
        for excerpt in Self.excerpts {
            for line in excerpt.context(in: space).candidates {
                for row in FailurePattern.all {
                    guard let match = row.match(line) else { continue }
                    for name in Self.requiredValues(row.why + row.fix) {
                        #expect(match[name] != nil, "\(name) of \(row.why)")
                    }
                }
            }
        }
    }

    /// Returns the names in `{name}`, without those that have another text.
    private static func requiredValues(_ template: String) -> [String] {
        template.split(separator: "{").dropFirst().compactMap { part in
            part.firstIndex(of: "}").map { String(part[..<$0]) }
        }
        .filter { $0.allSatisfy(\.isLetter) }
    }
}

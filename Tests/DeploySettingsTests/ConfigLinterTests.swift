import Testing

@testable import DeploySettings
@testable import SpacesModel

/// Tests for pitfalls of Git's configuration syntax, which are detected before libgit2 parses the
/// file.
struct ConfigLinterTests {
    private func lint(_ text: String) -> ConfigLinter {
        ConfigLinter(Array(text.utf8), origin: .file("settings"))
    }

    @Test func `plain settings cause no errors`() {
        let text = lint(
            """
            # a comment with "quotes" and ; marks
            [space "me/demo"]
                branch = webai2hf:main
                card = title: "quoted title"
                exclude = "*.log # not a comment"
                map = hf/:/
                create
            """)
        #expect(text.errors.isEmpty)
        #expect(text.warnings.count == 1)  // inner quotes of the card line
    }

    @Test(arguments: [
        "[include]\npath = x", "[Include]\n", "\u{FEFF}[include]\npath = /dev/zero", "  [ include ]",
        "[includeIf \"gitdir:/\"]\npath = x", "[INCLUDEIF \"a\"]",
    ])
    func `an include is rejected in every spelling`(text: String) {
        #expect(lint(text).errors.count == 1)
    }

    @Test func `a key with an underscore is reported with the correct spelling`() throws {
        let problem = try #require(lint("[space \"a/b\"]\nspace_branch = x\ndocker_file = y").errors.last)
        #expect(problem.hint == "use dockerfile")
        #expect(problem.description.contains("docker_file"))
    }

    @Test(arguments: [
        ("exclude = *.log # logs", "*.log"), ("map = a;b:c", "a"),
        ("card = title: \"A\" and \"B\"", "title: A and B"),
    ])
    func `a value that Git reads differently is shown as Git reads it`(line: String, expected: String) throws
    {
        let warning = try #require(lint("[space \"a/b\"]\n\(line)").warnings.first)
        #expect(warning.message.hasSuffix("reads this as: \(expected)"))
        #expect(warning.hint?.contains("\"") == true)
    }

    @Test func `an unclosed quote is an error with its line`() throws {
        let problem = try #require(lint("[space \"a/b\"]\nroot = x\nexclude = \"docs\n").errors.first)
        #expect(problem.description.hasPrefix("settings:3: exclude = \"docs: the quote is not closed"))
        #expect(lint("[space \"a/b\"]\nexclude = \"a \\\n  b\"\nroot # \"=\n").errors.isEmpty)
        #expect(lint("[space \"a/b\"]\nexclude = \"a \\\n").errors.count == 1)
    }

    @Test func `every key is located with its line`() {
        let text = lint("# x\n[space]\n\troot = a\\\n b\n\tCreate\n[space \"me/x\"]\n\troot = c\n")
        #expect(text.lines(of: ["root", "create", "root"]) == [3, 5, 7])
    }

    @Test func `a key on the line of the section header is an error`() {
        #expect(lint("[space \"a/b\"] branch = main").errors.count == 1)
        #expect(lint("[space \"a/b\"] # main").errors.isEmpty)
        #expect(lint("[space \"a]b\"]").errors.isEmpty)
    }

    @Test func `a file of 64 KiB is read, a longer one is rejected`() {
        let line = "# " + String(repeating: "x", count: 61) + "\n"
        #expect(lint(String(repeating: line, count: 1024)).errors.isEmpty)
        #expect(lint(String(repeating: line, count: 1025)).errors.count == 1)
    }

    @Test func `arbitrary bytes do not crash the linter`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let length = Int.random(in: 0..<80, using: &generator)
            let pool = Array("[]\"\\=#;\n\r space_include\u{FEFF}é".utf8) + [0, 255, 128]
            let bytes = (0..<length).compactMap { _ in pool.randomElement(using: &generator) }
            _ = ConfigLinter(bytes, origin: .file("settings"))
        }
    }
}

/// Repeatable random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

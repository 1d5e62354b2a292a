import Testing

@testable import Deploy
@testable import DockerSyntax
@testable import DockerfileTemplates
@testable import GitPatterns
@testable import SpacesModel
@testable import TextTools

/// Tests for the limits of parsers that read a line or a small file.
struct SmallParserLimitTests {
    @Test func `the depth of JSON is limited`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSON(nested(JSONLimit.depth)) != nil)
        #expect(JSON(nested(JSONLimit.depth + 1)) == nil)
        #expect(JSON(nested(200_000)) == nil)
        #expect(
            JSON(
                Array("[".utf8) + Array(String(repeating: "1,", count: 1_000_000).utf8) + Array("1]".utf8))
                == nil)
    }

    @Test func `an error for JSON over a limit names the limit`() {
        func parseError(_ text: String) -> JSON.ParseError? {
            #expect(throws: JSON.ParseError.self) { try JSON.parse(Array(text.utf8)) }
        }
        #expect(parseError(String(repeating: "[", count: 100))?.exceededLimit == "it has more than 64 levels")
        let many = "[" + String(repeating: "1,", count: 1_000_000) + "1]"
        #expect(parseError(many)?.exceededLimit == "it has more than 1000000 values")
        let long = "\"" + String(repeating: "x", count: 64 << 20) + "\""
        #expect(parseError(long)?.exceededLimit == "it has more than 64.0 MiB")
        #expect(parseError("{") == .notJSON)
        #expect(parseError("[1,]")?.exceededLimit == nil)
    }

    @Test func `JSON joins the halves of a surrogate pair`() {
        #expect(JSON(Array(#""\ud83d\ude80""#.utf8)) == .string("🚀"))
        #expect(JSON(Array(#""\ud83dx""#.utf8)) == .string("\u{FFFD}x"))
        #expect(JSON(Array(#""\ud83d\u0041""#.utf8)) == .string("\u{FFFD}A"))
    }

    @Test func `a dockerignore or gitattributes over its limit is an error with its path`() {
        let listing = FileListing([("Dockerfile", .init(.file)), ("README.md", .init(.file))])
        let patterns = (0...1_000).map { "*a*\($0)\n" }.joined()
        let contents: [Path: [UInt8]] = [
            "README.md": Array("---\nsdk: docker\n---\n".utf8),
            "Dockerfile": Array("FROM a:1\nCOPY x /\n".utf8),
            ".dockerignore": Array(patterns.utf8),
            "sub/.gitattributes": Array(patterns.replacing("\n", with: " filter=lfs\n").utf8),
        ]
        let found = TreeCheck(listing, contents: contents).findings().filter { $0.severity == .error }
        #expect(
            found.map(\.description) == [
                ".dockerignore: has more than 1000 patterns, which is the limit "
                    + "(shorten it: list directories instead of single files)",
                "sub/.gitattributes: has more than 1000 patterns with wildcards, which is the limit "
                    + "(shorten it: list directories instead of single files)",
            ])
    }

    @Test func `gitattributes with a line for each file are matched quickly`() {
        var attributes = LFSAttributes()
        let lines = (0..<20_000).map { "dir/file\($0).txt filter=lfs\n" }.joined()
        attributes.add(
            Array((lines + "*.txt -filter\ndir/file7.txt filter=lfs\n/top filter=lfs\n").utf8), in: .root)
        #expect(!attributes.usesLFS("dir/file8.txt"))
        #expect(attributes.usesLFS("dir/file7.txt"))
        #expect(attributes.usesLFS("top"))
        #expect(!attributes.usesLFS("dir/top"))
    }

    @Test func `suggestions for long names are limited to exact matches`() {
        let long = String(repeating: "a", count: 5_000)
        #expect(nearest(long + "b", among: [long]) == nil)
        #expect(nearest(long, among: ["x", long]) == long)
        #expect(nearest("main.py", among: ["x", "mian.py"]) == "mian.py")
    }

    @Test func `long versions, durations and image names are rejected`() {
        #expect(VersionRange(String(repeating: "> ", count: 100_000)) == nil)
        #expect(VersionRange(">=99999999999999999999") == nil)
        #expect(Duration(text: String(repeating: "4294967295d", count: 30_000)) == nil)
        #expect(Duration(text: "4294967295d4294967295d") != nil)
        #expect(throws: ImageReference.ParseError.self) {
            try ImageReference(String(repeating: "a/", count: 5_000))
        }
    }

    @Test func `a glob with many stars terminates`() {
        let pattern = Glob(Array(String(repeating: "*a", count: 1_000).utf8)[...])
        #expect(!pattern.matches(Array(String(repeating: "a", count: 900).utf8)))
        #expect(pattern.matches(Array(String(repeating: "ba", count: 1_000).utf8)))
        #expect(Glob(Array("a*c**b".utf8)[...]).matches(Array("axcyb".utf8)))
        #expect(!Glob(Array("*b*bb".utf8)[...]).matches(Array("abab".utf8)))
    }
}

import Testing

@testable import FrontMatter

@Suite struct CardReadTests {
    static func card(_ yaml: String) -> CardDocument { Card.read(Array("---\n\(yaml)\n---\n# Body\n".utf8)) }

    @Test(arguments: [
        ("a: b", "b"), ("a:   b  ", "b"), ("a: b # c", "b"), ("a: b#c", "b#c"), ("a: \"b # c\"", "b # c"),
        ("a: 'it''s'", "it's"), (#"a: "x\ty\u00e9\"""#, "x\ty\u{e9}\""), (#"a: "\ud83d\ude00""#, "😀"),
        ("a: 🚀", "🚀"), ("a: 你好：世界", "你好：世界"), ("a: 7860", "7860"), ("a: http://x.y/z", "http://x.y/z"),
        ("a: b: c", nil), ("a:", nil), ("a: ~", nil), ("a: null", nil), ("a: [b]", nil), ("a:\n  b: c", nil),
        ("a: x\n  y\n\n  z", "x y\nz"), ("a: \"x\n  y\"", "x y"), ("a: |\n  x\n   y\n\nb: c", "x\n y\n"),
        ("a: >-\n  x\n  y\n\n  z", "x y\nz"), ("a: |+\n  x\n\nb: c", "x\n\n"),
        ("a: >\n  x\n    y\n  z", "x\n  y\nz\n"),
        ("a: |2-\n    x", "  x"), ("\"a\": b", "b"), ("'a' : b", "b"), ("a : b", "b"), ("a: &n b", "b"),
        ("a: !!str 1", "1"), ("z: &n b\na: *n", "b"), ("z: &n {a: b}\n<<: *n", "b"), ("a:\n  b", "b"),
        ("a:\n  # why\n  b", "b"), ("a: '#x'", "#x"), ("a: -x", "-x"), ("a: ?x", "?x"), ("a: :x", ":x"),
        ("  a: b\n  c: d", "b"), ("a: b\r\nc: d", "b"), ("a: b\n...", "b"), ("# c\n\na: b", "b"),
        ("a:\tb", "b"),
    ])
    func `a value is parsed as in YAML`(yaml: String, value: String?) {
        #expect(Self.card(yaml).value(of: "a") == value)
    }

    @Test(arguments: [
        "", "a: b", "tags:\n- x\n- y\nb: c", "tags:\n  - x: 1\n    y: 2\n  -\n    z: 3\nb: c",
        "a: [\n  x,\n  y\n]\nb: c",
        "a: {x: 1, 'y': [2, 3]} # c", "a: \"multi\n  line\"\nb: c", "a:\nb:",
        "a: |\n  ---x\n  \"unbalanced [\nb: c",
        "custom_headers:\n  cross-origin-embedder-policy: require-corp\n  cross-origin-opener-policy: same-origin",
        "models:\n- openai/whisper\n- 'x/y'\npreload_from_hub:\n- a/b c.json,d.bin 1234", "? a\n: b\nc: d",
        "a: [http://x, a:b, \"c,d\"]", "a: - x".replacing("- x", with: "'- x'"), "a: x\n  - y", "a: b\n c",
        "- a".replacing("- ", with: "k: "),
        "base: &b\n  x: 1\na:\n  <<: *b\n  y: 2", "a: [x, # one\n  y] # two\nb: c",
        "a:\n    b: 1\n    c:\n    - 2\n    - 3\nd: e",
        "a: it's", "a: say \"hi\" [x] {y}", "a: 5 > 3 & 2 | 1", "a: x, y", "a: 100%", "a: b@c",
        "title: C++ & C#", "a: '...'",
        "- - x".replacing("- - x", with: "a:\n- - x\n  - y\n- z"), "a: []\nb: {}", "a: b\n\n\n# end\n",
        "a: !custom x", "a: <<",
        "a: |\n\n\n  x\n\n\nb: c", "a: >-\n\nb: c", "a: b   \nc: d\t",
        "a:\n- b: |\n    x\n    y: z\n  c: d\n- e", "été: ça",
    ])
    func `valid YAML has no syntax errors`(yaml: String) {
        #expect(Self.card(yaml).syntaxErrors == [])
    }

    @Test(arguments: [
        ("title: My app: the best", 2, "mapping values are not allowed"),
        ("a: b\nnothing", 3, "not a \u{201C}key: value"),
        ("a: \"b", 2, "not closed"), ("a: b\nc: 'd", 3, "not closed"), ("a: [b, c", 2, "not closed"),
        ("a: {b: c", 2, "not closed"), ("a: b\na: c", 3, "duplicated mapping key"),
        ("- a\n- b", 2, "is a list"),
        ("just text", 2, "not a \u{201C}key: value"), ("a:\n\tb: c", 3, "tab"), ("\ta: b", 2, "tab"),
        ("a: @x", 2, "\u{201C}@"),
        ("a: `x`", 2, "cannot start with"), ("a: %x", 2, "cannot start with"), ("a: *bold*", 2, "alias"),
        ("{a: b}", 2, "brackets"),
        ("a: b\n  c: d", 3, "mapping values"), ("a: \"b\" c", 2, "closing quote"),
        ("a: [b] c", 2, "closing bracket"),
        ("a: [b c: d e\nf: g", 3, "comma"), ("a: \"\\q\"", 2, "escape"), ("a: b\n...\nc: d", 3, "text after"),
        ("a:\n    b: 1\n  c: 2", 4, "not a \u{201C}key"), ("a:b", 2, "not a \u{201C}key"),
        ("\na: @b", 3, "cannot start with"),
        ("a: - x", 2, "cannot start with"),
        ("a: | x\n  y", 2, "next line"), ("a: b\n--- c", 3, "second document"),
        ("a: , b", 2, "cannot start with"),
    ])
    func `a syntax error has its line and reason`(yaml: String, line: Int, reason: String) {
        let first = Self.card(yaml).syntaxErrors.first
        #expect(first?.line == line)
        #expect(first?.reason.contains(reason) == true, "\(first?.reason ?? "nothing is wrong")")
    }

    @Test func `all syntax errors are reported`() {
        let errors = Self.card("a: b: c\nd: e\nf: @g\nd: h").syntaxErrors
        #expect(errors.map(\.line) == [2, 4, 5])
    }

    @Test(arguments: [
        ("", false), ("# Title\n", false), ("---\n", false), ("---\na: b\n---", true), ("---\n---\n", true),
        ("\u{FEFF}---\na: b\n---\n", true), ("\n\n  ---\na: b\n---\n", true),
        ("---\r\na: b\r\n---\r\n", true),
        ("---\ra: b\r---\r", true), ("--- \na: b\n---\t\n", true), ("----\na: b\n----\n", false),
        ("text\n---\na: b\n---\n", false),
        ("---\n\n# A ruler above\n\nText.\n", false),
        ("---\n\n# Title\n\nSome prose.\n\n---\n\nMore.\n", false),
        ("---\n\n---\n", true), ("--- a\nb: c\n---\n", false), ("---\n# only a comment\n---\n", true),
    ])
    func `front matter is recognised by the Hub's rules`(readme: String, found: Bool) {
        let document = Card.read(Array(readme.utf8))
        #expect(document.hasFrontMatter == found)
        #expect(document.syntaxErrors == [])
        if found, readme.contains("a: b") { #expect(document.value(of: "a") == "b") }
    }

    @Test func `front matter without an end is an error at its first line`() {
        let errors = Card.read(Array("\n---\ntitle: x\n# Body\n".utf8)).syntaxErrors
        #expect(errors.map(\.line) == [2] && errors[0].reason.contains("not closed"))
        #expect(Card.read(Array("---\r\ntitle: x\r\n...\r\nBody".utf8)).syntaxErrors.count == 1)
    }

    @Test func `invalid UTF-8 and deep nesting do not crash the parser`() {
        for text in [
            "a: \(String(repeating: "[", count: 50_000))", "a: \(String(repeating: "- ", count: 5_000))x",
            "a:\n  \(String(repeating: "- ", count: 5_000))x", String(repeating: "? ", count: 5_000),
        ] {
            #expect(!Self.card(text).syntaxErrors.isEmpty)
        }
        var random: UInt64 = 5
        for _ in 0..<2_000 {
            let bytes = (0..<40).map { _ -> UInt8 in
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let alphabet = Array("ab:-\n '\"[]{}#|>&*!,?\t\r\\.\u{e9}".utf8)
                return alphabet[Int(random >> 33) % alphabet.count]
            }
            _ = Card.read(Array("---\n".utf8) + bytes + Array("\n---\n".utf8)).syntaxErrors
        }
    }
}

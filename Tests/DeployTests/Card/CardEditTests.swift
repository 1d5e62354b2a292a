import Testing

@testable import Deploy
@testable import FrontMatter
@testable import TextTools

@Suite struct CardEditTests {
    private static func edited(_ readme: String, _ key: String, _ raw: String) throws -> String {
        var document = Card.read(Array(readme.utf8))
        try document.set(key, to: raw)
        return document.bytes.text
    }

    @Test(arguments: [
        // A new key is appended to the card, with the card's line ends.
        ("a: b\n", "a: b\nk: v\n"), ("a: b\r\n", "a: b\r\nk: v\r\n"), ("", "k: v\n"),
        ("# c\n", "# c\nk: v\n"),
        ("a:\n- x\n", "a:\n- x\nk: v\n"), ("a: |\n  x\n", "a: |\n  x\nk: v\n"),
        ("  a: b\n", "  a: b\n  k: v\n"),
        ("a: b\n...\n", "a: b\nk: v\n...\n"), ("a: b\n\n# end\n", "a: b\n\n# end\nk: v\n"),
        ("a:\n", "a:\nk: v\n"),
        // An existing value is replaced in place; order, comments and spacing are kept.
        ("k: x\na: b\n", "k: v\na: b\n"), ("k:   x   # why\n", "k:   v   # why\n"),
        ("k:\na: b\n", "k: v\na: b\n"),
        ("k: # why\na: b\n", "k: v # why\na: b\n"), ("'k': \"x\"\n", "'k': v\n"), ("k : x\n", "k : v\n"),
        ("k: x\n  y\n\n  z\na: b\n", "k: v\na: b\n"),
        ("k: |\n  x\n  # no comment\n\na: b\n", "k: v\n\na: b\n"),
        ("k:\n  - x\n  - y\n\n# about a\na: b\n", "k: v\n\n# about a\na: b\n"),
        ("k:\n- x\na: b\n", "k: v\na: b\n"),
        ("k: # why\n  - x\na: b\n", "k: v # why\na: b\n"),
        ("k: [\n  x, # one\n]  # two\na: b\n", "k: v  # two\na: b\n"),
        ("k: \"x\n  y\" # z\n", "k: v # z\n"), ("k:\r\n  x: 1\r\na: b\r\n", "k: v\r\na: b\r\n"),
        ("k: ~\n", "k: v\n"),
        ("k: &n x\na: b\n", "k: v\na: b\n"), ("a: &n b\nk: *n\n", "a: &n b\nk: v\n"), ("k:\tx\n", "k:\tv\n"),
        ("a: b\nk: x", "a: b\nk: v"), ("k: x \t \n", "k: v \t \n"), ("k: 'v' # same\n", "k: 'v' # same\n"),
    ])
    func `setting a value changes nothing else`(before: String, after: String) throws {
        let (head, tail) = (
            before.contains("\r\n") ? "---\r\n" : "---\n", before.utf8.last ?? 10 == 10 ? "" : "\n"
        )
        let body = "---\n# Body\r\n\n---\nk: x\n"
        #expect(try Self.edited(head + before + tail + body, "k", "v") == head + after + tail + body)
    }

    @Test(arguments: [
        ("k: 7860", "7860"), ("k: \"7860\"", "'7860'"), ("k: My App", "\"My App\""), ("k: [a, 'b']", "[a,b]"),
        ("k:\n- a\n- b", "[a, b]"), ("k: >-\n  x\n  y", "x y"), ("k: {a: 1}", "{ a: 1 }"),
        ("k: true # c", "true"),
    ])
    func `setting an equal value changes nothing`(yaml: String, raw: String) throws {
        let readme = "---\n\(yaml)\n---\n"
        #expect(try Self.edited(readme, "k", raw) == readme)
    }

    @Test(arguments: [
        ("k: 7860", "\"7860\""), ("k: true", "'true'"), ("k: a", "[a]"), ("k: yes", "'yes'"), ("k: 1.0", "1"),
    ])
    func `a string is not equal to a number or a list`(yaml: String, raw: String) throws {
        #expect(try Self.edited("---\n\(yaml)\n---\n", "k", raw) == "---\nk: \(raw)\n---\n")
    }

    @Test(arguments: [
        ("# Title\n", "---\nk: v\n---\n# Title\n"),
        ("# Title\r\nx\n", "---\r\nk: v\r\n---\r\n# Title\r\nx\n"),
        ("", "---\nk: v\n---\n"), ("\u{FEFF}# T", "\u{FEFF}---\nk: v\n---\n# T"),
        ("\n\ntext", "---\nk: v\n---\n\n\ntext"),
        ("---\n\nA ruler above.\n", "---\nk: v\n---\n---\n\nA ruler above.\n"),
    ])
    func `a README without a card gets one at the top`(before: String, after: String) throws {
        #expect(try Array(Self.edited(before, "k", "v").utf8) == Array(after.utf8))
    }

    @Test(arguments: [
        ("k: x\na: b\n", "a: b\n"), ("a: b\nk:\n  - x\n\nc: d\n", "a: b\n\nc: d\n"), ("k: x # c\n", ""),
        ("a: b\n", "a: b\n"),
        ("a: b\nk: |\n  x\n", "a: b\n"),
    ])
    func `a key is removed with its lines`(before: String, after: String) throws {
        var document = Card.read(Array("---\n\(before)---\nBody".utf8))
        #expect(try document.remove("k") == before.contains("k:"))
        #expect(document.bytes.text == "---\n\(after)---\nBody")
    }

    @Test func `a value to which an alias refers is not changed`() {
        var document = Card.read(Array("---\nk: &n x\na: *n\n---\n".utf8))
        #expect(throws: CardError.self) { try document.set("k", to: "v") }
        #expect(throws: CardError.self) { try document.remove("k") }
        #expect(document.value(of: "a") == "x")
    }

    @Test func `invalid front matter is not edited`() {
        var document = Card.read(Array("---\na: b: c\n---\n".utf8))
        #expect(throws: CardError.self) { try document.set("k", to: "v") }
        #expect(throws: CardError.self) { try Self.edited("---\na: b\n---\n", "k", "x: y: z") }
        #expect(throws: CardError.self) { try Self.edited("---\na: b\n---\n", "k", "x\nsdk: docker") }
        #expect(throws: CardError.self) { try Self.edited("---\na: b\n---\n", "k", "x\n---\ny") }
    }

    @Test(arguments: [
        ("app_port: 7860", "app_port", "7860"), ("title: My app: the best", "title", "\"My app: the best\""),
        ("tags: [a, b]", "tags", "[a, b]"), ("title: C# #1", "title", "\"C# #1\""),
        ("title: @me", "title", "\"@me\""),
        ("title: `x`", "title", "\"`x`\""), ("title: 100% good", "title", "100% good"),
        ("title: %x", "title", "\"%x\""),
        ("title: *bold*", "title", "\"*bold*\""), ("title: &x", "title", "\"&x\""),
        ("title: !x y", "title", "\"!x y\""),
        ("emoji: 🚀", "emoji", "🚀"), ("title: \"a: b\"", "title", "\"a: b\""),
        ("title: 'it''s'", "title", "'it''s'"),
        ("title: \"My\" app", "title", "'\"My\" app'"), ("title: [a", "title", "\"[a\""),
        ("pinned: true", "pinned", "true"),
        ("title: it's", "title", "it's"), ("title: x:", "title", "\"x:\""),
        ("title: - x", "title", "\"- x\""),
        ("title: say: \"hi\"", "title", "'say: \"hi\"'"),
        ("thumbnail:https://x.y/z", "thumbnail", "https://x.y/z"),
        ("title: | x", "title", "\"| x\""), ("title:", "title", ""), ("h: {a: b}", "h", "{a: b}"),
        ("title: , x", "title", "\", x\""),
        (" title :  x  ", "title", "x"), ("\"title\": x", "title", "x"), ("title: 你好", "title", "你好"),
        ("title: ...", "title", "..."),
        ("title: C:\\x: y", "title", "'C:\\x: y'"), ("title: ? x", "title", "\"? x\""),
        ("title: > x", "title", "\"> x\""),
    ])
    func `a card setting is parsed, and quoted if needed`(text: String, key: String, raw: String) throws {
        let setting = try CardSetting(text)
        #expect(setting.key == key && setting.raw == raw)
        #expect(throws: Never.self) { try Self.edited("# x", setting.key, setting.raw) }
    }

    @Test(arguments: ["title", "", ": x", "my key: x", "a: b\nc: d", "-x: y", "ключ: x"])
    func `a setting without a key and a value is rejected`(text: String) {
        #expect(throws: CardError.self) { try CardSetting(text) }
    }

    @Test(arguments: [
        "", "a b", "7860", "true", "a: b", "#x", "'", "\"", "\\", "a\nb", "\u{1}", "- x", "null", "é 🚀",
        " x ",
    ])
    func `any text can be written as a string`(text: String) throws {
        var document = Card.read([])
        try document.set("k", to: CardSetting(key: "k", string: text).raw)
        #expect(document.node(of: "k") == .scalar(YAMLScalar(text: text, isPlain: false)))
    }

    @Test(arguments: [
        ("title: x\ncolorFrom: red\nsdk: docker\napp_port: 7860\npinned: false\nunknown: [1]", nil),
        (
            "colorFrom: orange",
            "\"colorFrom\" must be one of [red, yellow, green, blue, indigo, purple, pink, gray]"
        ),
        ("sdk: dcoker", "\"sdk\" must be one of [gradio, docker, static]"), ("app_port: '7860'", nil),
        ("app_port: 0", "\"app_port\" must be greater than or equal to 1"),
        ("app_port: http", "\"app_port\" must be a number"),
        ("app_port: 65536", "\"app_port\" must be less than or equal to 65535"),
        ("pinned: maybe", "\"pinned\" must be a boolean"),
        ("fullWidth: [true]", "\"fullWidth\" must be a boolean"),
        ("title: [x]", "\"title\" must be a string"),
        ("short_description: \(String(repeating: "é", count: 60))", nil),
        ("tags: x", "\"tags\" must be an array"),
        (
            "short_description: \(String(repeating: "x", count: 61))",
            "\"short_description\" length must be less than or equal to 60 characters long"
        ), ("title: 2048", nil),
    ])
    func `invalid values are reported with the Hub's messages`(yaml: String, reason: String?) {
        let problems = Card.read(Array("---\n\(yaml)\n---\n".utf8)).problems()
        #expect(problems.map(\.reason) == (reason.map { [$0] } ?? []))
    }
}

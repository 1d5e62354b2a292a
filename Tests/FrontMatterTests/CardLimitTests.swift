import Testing

@testable import FrontMatter

struct CardLimitTests {
    private static func card(_ yaml: String) -> CardDocument {
        Card.read(Array("---\n\(yaml)---\n# Body\n".utf8))
    }
    private static func errors(_ yaml: String) -> [String] { card(yaml).syntaxErrors.map(\.reason) }

    @Test func `front matter is limited to 512 KiB`() {
        let large = Self.errors("title: A\n" + String(repeating: "k: v\n", count: 1_000_000))
        #expect(large == ["the front matter is 4.8 MiB; the limit is 512 KiB"])
        let most = Self.card("sdk: docker\ntags:\n" + String(repeating: "- tag\n", count: 80_000))
        #expect(most.syntaxErrors.isEmpty)
        #expect(most.value(of: "sdk") == "docker")
    }

    @Test func `a long text between two rulers is not front matter`() {
        let body = String(repeating: "Some prose between two rulers.\n", count: 50_000)
        let card = Card.read(Array("---\n\n\(body)---\nsdk: docker\n".utf8))
        #expect(!card.hasFrontMatter)
    }

    @Test func `the numbers of keys and anchors are limited`() {
        let anchors = Self.errors("k:\n" + (0..<1_001).map { "- &a\($0) v\n" }.joined())
        #expect(anchors.first?.hasPrefix("more than 1000 anchors") == true)
        let keys = Self.errors((0..<1_001).map { "k\($0): v\n" }.joined())
        #expect(keys == ["more than 1000 keys, which is the limit"])
        let most = (0..<900).map { "k\($0): &a\($0) v\n" }.joined()
        #expect(Self.card("sdk: docker\n" + most).value(of: "sdk") == "docker")
    }

    @Test func `nesting is limited in every style`() {
        let block = (0..<200).map { String(repeating: " ", count: $0) + "k:\n" }.joined()
        let texts = [
            "k: " + String(repeating: "[", count: 20_000) + "\n",
            "k: " + String(repeating: "{a: ", count: 20_000) + "\n",
            "k:\n  " + String(repeating: "- ", count: 20_000) + "\n",
            "k:\n  " + String(repeating: "? ", count: 20_000) + "\n",
            block,
        ]
        for text in texts {
            #expect(
                Self.errors(text).first == "nested too deeply: the limit is 50 levels",
                "\(text.prefix(20))")
        }
        let deep = "k: " + String(repeating: "[", count: 45) + "x" + String(repeating: "]", count: 45) + "\n"
        #expect(Self.errors(deep).isEmpty)
    }

    @Test func `nested aliases do not grow exponentially`() {
        var yaml = "a0: &a0 [{x: 1}, {y: 1}]\n"
        for level in 1..<40 {
            let ten = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(ten)]\n"
        }
        let card = Self.card(yaml + "<<: *a39\n")
        #expect(card.syntaxErrors.isEmpty)
        #expect(card.value(of: "sdk") == nil)
        let merged = Self.card("base: &b {sdk: docker}\nother: &o {emoji: X}\n<<: [*o, *b]\n")
        #expect(merged.value(of: "sdk") == "docker")
    }

    @Test func `chains of aliases are followed up to a limit`() {
        let chain = "a0: &a0 docker\n" + (1...10).map { "a\($0): &a\($0) *a\($0 - 1)\n" }.joined()
        #expect(Self.card(chain + "sdk: *a10\n").value(of: "sdk") == "docker")
        let long = "a0: &a0 docker\n" + (1...500).map { "a\($0): &a\($0) *a\($0 - 1)\n" }.joined()
        #expect(Self.card(long + "sdk: *a500\n").value(of: "sdk") == nil)
    }
}

import Testing

@testable import Deploy
@testable import FrontMatter
@testable import SpacesModel

/// Tests for front matter in places where the Hub does not find it.
struct MisplacedCardTests {
    private func card(_ text: String) -> MisplacedCard? { MisplacedCard(Array(text.utf8)) }

    @Test(arguments: [
        ("# Title\n\n---\ntitle: A\nsdk: docker\n---\nbody\n", 4, "# Title\n\nbody\n"),
        ("[![badge](x)](y)\n---\ntitle: A\nsdk: docker\n---\n\nbody\n", 3, "[![badge](x)](y)\nbody\n"),
        ("----\ntitle: A\nsdk: docker\n----\n# body\n", 2, "# body\n"),
        ("---\n\ntitle: A\nsdk: docker\n-------------\n# body\n", 3, "# body\n"),
        ("title: A\nsdk: docker\n\n# body\n", 1, "# body\n"),
        ("# Title\n---\ntitle: A\nsdk: docker\n", 3, "# Title\n---\n"),
        ("# Title\n```yaml\ntitle: A\nsdk: docker\n```\nbody\n", 3, "# Title\nbody\n"),
    ])
    func `misplaced front matter is found and moved to the top`(text: String, line: Int, body: String) throws
    {
        let found = try #require(card(text))
        #expect(found.line == line && found.problem == nil)
        #expect(
            String(decoding: found.correctedReadme, as: UTF8.self) == "---\ntitle: A\nsdk: docker\n---\n"
                + body)
        #expect(Card.read(found.correctedReadme).value(of: "sdk") == "docker")
    }

    @Test(arguments: [
        "---\ntitle: A\nsdk: docker\n---\n# Title\n",
        "# Title\n\n---\n\nA rule, then text: sdk of docker.\n\n---\n", "",
        "# How to write a card\n\nWrite this:\n\n```yaml\ntitle: A\nsdk: docker\n```\n",
        "title: A note\n\nText\n",
    ])
    func `text that is not a card is ignored`(text: String) {
        #expect(card(text) == nil)
    }

    @Test func `misplaced front matter with a syntax error is reported with its line`() throws {
        let found = try #require(card("# Title\n---\ntitle: [A\nsdk: docker\n---\n"))
        #expect(found.line == 3 && found.problem != nil)
    }

    @Test func `CRLF line ends are kept`() throws {
        let found = try #require(card("# Title\r\n---\r\ntitle: A\r\nsdk: docker\r\n---\r\n"))
        #expect(
            String(decoding: found.correctedReadme, as: UTF8.self)
                == "---\r\ntitle: A\r\nsdk: docker\r\n---\r\n# Title\r\n")
    }
}

/// Tests for detecting the submodules that anyone can fetch.
struct GitModulesTests {
    @Test func `only https URLs without a user are public`() {
        let text = """
            [submodule "a"]
              path = vendor/a
              url = https://github.com/me/a.git
            [submodule "b"]
              url = https://user@github.com/me/b
              path = b
            [submodule "c"]
              path = c
              url = ../c
            [submodule "d"]
              path = "d e"
              url = "https://example.org/d"
            """
        #expect(GitModules(Array(text.utf8)).publicPaths == ["vendor/a", "d e"])
    }
}

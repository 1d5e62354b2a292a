import Testing

@testable import CLI

/// Markdown as text for a terminal.
struct MarkdownTextTests {
    @Test func `headings are at the edge, text is indented and wrapped`() {
        let text = MarkdownText.rendered(
            "# Exit codes\n\n## More\n\n\(Array(repeating: "word", count: 20).joined(separator: " "))\n")
        let line = "  " + Array(repeating: "word", count: 15).joined(separator: " ")
        #expect(text == "EXIT CODES\n\nMore\n\n\(line)\n  word word word word word\n")
    }

    @Test func `code stays as it is`() {
        let code = "```sh\n[space \"a/b\"]\n    branch = `main` **x**\n\n| a |\n```"
        #expect(
            MarkdownText.rendered(code + "\nafter\n")
                == "      [space \"a/b\"]\n          branch = `main` **x**\n\n      | a |\n\n  after\n")
    }

    @Test func `an item of a list has an indent of its own`() {
        let long = Array(repeating: "word", count: 20).joined(separator: " ")
        let text = MarkdownText.rendered("- \(long)\n- b\n  c\n\n1. one\n2. two\n")
        #expect(text.hasPrefix("  - word word"))
        #expect(text.contains("\n    word"))
        #expect(text.hasSuffix("  - b c\n\n  1. one\n  2. two\n"))
    }

    @Test func `a table that fits has columns`() {
        let text = MarkdownText.rendered(
            "| code | meaning |\n|---|---|\n| `0` | **done** |\n| 130 | a \\| b |\n")
        #expect(text == "  code  meaning\n  ----  -------\n  0     done\n  130   a | b\n")
    }

    @Test func `a wide table of two columns is a list`() {
        let long = Array(repeating: "word", count: 20).joined(separator: " ")
        let text = MarkdownText.rendered("| key | means |\n|---|---|\n| `a` | \(long) |\n")
        #expect(text.hasPrefix("  a    word word"))
        #expect(text.contains("\n       word"))
    }

    @Test func `a wide table of three columns has a block for each row`() {
        let long = Array(repeating: "word", count: 16).joined(separator: " ")
        let text = MarkdownText.rendered(
            "| key | means | default |\n|---|---|---|\n| `a` | \(long) | 1 |\n| b | c |  |\n")
        #expect(text.hasPrefix("  a\n      word word"))
        #expect(text.hasSuffix("\n      default: 1\n  b\n      c\n"))
    }

    @Test(arguments: [
        ("[Exit codes](exit-codes.md)", "`spacesync help exit-codes`"),
        ("[the order](tokens.md#order)", "the order (`spacesync help tokens`)"),
        ("[page](https://a.b/c)", "page (https://a.b/c)"), ("<https://a.b/c>", "https://a.b/c"),
        ("[hooks/x](../../../hooks/x)", "hooks/x"),
    ])
    func `a link to a topic becomes a command, a link to a page keeps its address`(link: String, text: String)
    {
        #expect(MarkdownText.rendered("See \(link).\n") == "  See \(text).\n")
    }

    @Test func `comments are left out, and code in a sentence is not changed`() {
        #expect(MarkdownText.rendered("<!-- x -->\na `**/*.py` **b** [c]\n") == "  a `**/*.py` b [c]\n")
    }
}

import Testing
import TextTools

/// Tests for the width of text on a terminal, and for shortening and wrapping it.
struct CellWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("한국", 4), ("ｆｕｌｌ", 8), ("½±", 2),
        ("🚀", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("❤", 1), ("👍🏽", 2), ("a\u{200B}b", 2),
        ("\u{1B}[31mred\u{1B}[0m", 3), ("✓ …", 3), ("▁▂█", 3),
    ])
    func `text takes this number of cells`(text: String, width: Int) {
        #expect(text.cellWidth == width)
    }

    @Test func `text is padded by cells, not by characters`() {
        #expect("日本".padded(to: 6) == "日本  ")
        #expect("7".padded(to: 3, onLeft: true) == "  7")
        #expect("long".padded(to: 2) == "long")
    }

    @Test func `the end of long text is replaced by an ellipsis`() {
        #expect("hello".truncatedEnd(to: 5) == "hello")
        #expect("hello world".truncatedEnd(to: 6) == "hello…")
        #expect("日本語".truncatedEnd(to: 4) == "日…")
        #expect("日本語".truncatedEnd(to: 5) == "日本…")
        #expect("abc".truncatedEnd(to: 0).isEmpty)
        let red = "\u{1B}[31mhello\u{1B}[0m"
        #expect(red.truncatedEnd(to: 3) == "\u{1B}[31mhe…\u{1B}[0m")
    }

    @Test func `the middle of a long path is replaced by an ellipsis`() {
        #expect("src/app.py".truncatedMiddle(to: 10) == "src/app.py")
        #expect("src/very/long/path/app.py".truncatedMiddle(to: 13) == "src/…h/app.py")
        for width in 0...30 {
            #expect("src/日本語/長い/名前/app.py".truncatedMiddle(to: width).cellWidth <= width)
        }
    }

    @Test func `prose is wrapped at words, with a hanging indent`() {
        #expect("one two three".wrapped(to: 13) == ["one two three"])
        #expect("one two three".wrapped(to: 8) == ["one two", "three"])
        #expect(
            "hint: use one of these names".wrapped(to: 20, indent: 6) == [
                "hint: use one of", "      these names",
            ])
        #expect("  a  b".wrapped(to: 4) == ["  a", "b"])
        #expect("日本語 日本語".wrapped(to: 8) == ["日本語", "日本語"])
        #expect("abcdefghij".wrapped(to: 4) == ["abcd", "efgh", "ij"])
        #expect("see https://example.org/a".wrapped(to: 10) == ["see", "https://example.org/a"])
    }

    @Test(arguments: [1, 2, 5, 11, 20])
    func `text of any kind fits narrow terminals`(width: Int) {
        for text in ["", " ", "a  b   c", "error: 日本語 🚀🚀 wörld", String(repeating: "x", count: 50)] {
            let lines = text.wrapped(to: width, indent: 7)
            #expect(!lines.isEmpty && lines.allSatisfy { $0.cellWidth <= max(width, 2) }, "\(lines)")
        }
    }
}

import Testing

@testable import SpacesModel

/// Paths as Git shows them.
struct PathShownTests {
    @Test(arguments: [
        ("plain/x.txt", "plain/x.txt"), ("a b;c", "a b;c"), ("é/中", "é/中"), ("conf\nnew", #""conf\nnew""#),
        ("a\u{200B}b", #""a\342\200\213b""#), ("\u{202E}x\u{85}", #""\342\200\256x\302\205""#),
        ("⚡️.md", #""⚡\357\270\217.md""#), ("é\u{A0}\t", #""é\302\240\t""#), ("⚡ 日本語🚀", "⚡ 日本語🚀"),
        ("a\"b\\c", #""a\"b\\c""#), ("x\u{1}\u{7F}é", #""x\001\177é""#),
    ])
    func `what would not be seen is escaped`(name: String, shown: String) {
        #expect(Path(name).shown == shown)
    }

    @Test func `bytes that are no text are shown`() {
        #expect(Path(bytes: [0x61, 0xFF]).shown == #""a\377""#)
    }

    @Test(arguments: [("a/b.txt", "/a/b.txt"), ("a\nb[c]#d", "/a?b?c]?d")])
    func `a pattern stands in a file as it is`(name: String, pattern: String) {
        #expect(Path(name).pattern == pattern)
    }
}

import Testing

@testable import SpacesModel

/// Tests for escaping paths for display, as in Git.
struct PathShownTests {
    @Test(arguments: [
        ("plain/x.txt", "plain/x.txt"), ("a b;c", "a b;c"), ("é/中", "é/中"), ("conf\nnew", #""conf\nnew""#),
        ("a\u{200B}b", #""a\342\200\213b""#), ("\u{202E}x\u{85}", #""\342\200\256x\302\205""#),
        ("⚡️.md", #""⚡\357\270\217.md""#), ("é\u{A0}\t", #""é\302\240\t""#), ("⚡ 日本語🚀", "⚡ 日本語🚀"),
        ("a\"b\\c", #""a\"b\\c""#), ("x\u{1}\u{7F}é", #""x\001\177é""#),
    ])
    func `invisible characters are escaped`(name: String, shown: String) {
        #expect(Path(name).shown == shown)
    }

    @Test func `bytes that are not UTF-8 are escaped`() {
        #expect(Path(bytes: [0x61, 0xFF]).shown == #""a\377""#)
    }

    @Test(arguments: [("a/b.txt", "/a/b.txt"), ("a\nb[c]#d", "/a?b?c]?d")])
    func `special characters of a path become wildcards in its pattern`(name: String, pattern: String) {
        #expect(Path(name).pattern == pattern)
    }
}

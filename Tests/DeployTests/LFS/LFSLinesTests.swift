import TestSupport
import Testing

@testable import Deploy
@testable import GitPatterns
@testable import SpacesModel

struct LFSLinesTests {
    @Test func `files of one ending share a line, the others have one each`() {
        let patterns = GitattributesWriter.patterns(
            for: ["b.png", "a/c.png", "a/x.txt", "run", ".png"], sharing: ["png"])
        #expect(patterns == ["*.png", "/.png", "/a/x.txt", "/run"])
    }

    @Test func `what means something in a pattern is escaped`() {
        let paths: [Path] = [
            "my file", "a*b", "w?", "[x]", "back\\slash", "tab\tbed", "#hash", "!bang", "q\"t",
        ]
        let patterns = GitattributesWriter.patterns(for: paths, sharing: [])
        #expect(
            Set(patterns) == [
                "/my[[:space:]]file", #"/a\*b"#, #"/w\?"#, #"/\[x]"#, #"/back\\slash"#, "/tab[[:space:]]bed",
                "/#hash", "/!bang", "/q\"t",
            ])
    }

    @Test func `a line of its own follows what has no line end`() {
        let line = "*.png filter=lfs diff=lfs merge=lfs -text\n"
        for (before, after) in [("", line), ("a b", "a b\n" + line), ("a b\n", "a b\n" + line)] {
            #expect(GitattributesWriter.appended(["*.png"], to: Array(before.utf8)) == Array(after.utf8))
        }
    }

    @Test(
        arguments: [
            ("a.png", "png"), ("d.x/a.PNG", "PNG"), ("a.tar.gz", "gz"), ("a", nil), (".png", nil),
            ("a.", nil),
            ("a.b c", nil), ("a.b-c", nil), ("d.x/a", nil), ("a.mp3", "mp3"), ("a.é", nil),
        ] as [(Path, Path?)])
    func `an ending is letters and digits behind the last dot`(path: Path, ending: Path?) {
        #expect(path.fileExtension == ending)
    }

    @Test func `lines that were written send what they were written for, and nothing else`() {
        let paths: [Path] = [
            "my file", "a*b", "d/[x]", "back\\slash", "tab\tbed", "q\"t", "x#y", "line\nfeed",
        ]
        let lines = GitattributesWriter.appended(
            GitattributesWriter.patterns(for: paths, sharing: []), to: [])
        let attributes = LFSAttributes([".gitattributes": lines])
        for path in paths { #expect(attributes.usesLFS(path), "\(path)") }
        for path: Path in ["axb", "d/x", "sub/my file", "file", "my", "x"] {
            #expect(!attributes.usesLFS(path), "\(path)")
        }
    }
}

import TestSupport
import Testing

@testable import Deploy
@testable import GitPatterns
@testable import SpacesModel

struct GitattributesWriterTests {
    @Test func `files with a shared extension have one line, the others have one each`() {
        let patterns = GitattributesWriter.patterns(
            for: ["b.png", "a/c.png", "a/x.txt", "run", ".png"], sharing: ["png"])
        #expect(patterns == ["*.png", "/.png", "/a/x.txt", "/run"])
    }

    @Test func `special characters in a pattern are escaped`() {
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

    @Test func `a missing line end is added before a new line`() {
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
    func `a file extension is the letters and digits after the last dot`(path: Path, expected: Path?) {
        #expect(path.fileExtension == expected)
    }

    @Test func `written lines match exactly the paths that they were written for`() {
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

import TestSupport
import Testing

@testable import GitPatterns
@testable import SpacesModel

/// What Git's own reader says of the same lines is in `GitTests/LFSAttributesPeerTests`.
struct LFSAttributesTests {
    private func sends(_ path: Path, _ files: [Path: String]) -> Bool {
        LFSAttributes(files.mapValues { Array($0.utf8) }).usesLFS(path)
    }

    @Test func `the last line that says something of the filter decides`() {
        let lines = """
            *.bin filter=lfs diff=lfs merge=lfs -text
            small.bin -filter
            other.bin filter=other
            back.bin !filter
            text.bin text
            """
        let files: [Path: String] = [".gitattributes": lines]
        #expect(sends("a.bin", files) && sends("deep/er/a.bin", files) && sends("text.bin", files))
        for path: Path in ["small.bin", "other.bin", "back.bin", "a.txt", "bin"] {
            #expect(!sends(path, files), "\(path)")
        }
    }

    @Test func `a name that the top file defines stands for its words`() {
        let lines = "[attr]big filter=lfs -text\n[attr]plain -filter\n*.png big\nicon.png plain\n"
        #expect(sends("a.png", [".gitattributes": lines]))
        #expect(!sends("icon.png", [".gitattributes": lines]))
        #expect(!sends("d/a.png", ["d/.gitattributes": "[attr]big filter=lfs\n*.png big\n"]))
        #expect(
            sends("d/a.png", [".gitattributes": "[attr]big filter=lfs\n", "d/.gitattributes": "*.png big"]))
    }

    @Test func `the file of the nearest directory goes before that of the top`() {
        let files: [Path: String] = [
            ".gitattributes": "*.bin filter=lfs\n", "a/.gitattributes": "*.bin -filter\n",
            "a/b/.gitattributes": "/x.bin filter=lfs\n",
        ]
        #expect(sends("x.bin", files) && !sends("a/x.bin", files))
        #expect(sends("a/b/x.bin", files) && !sends("a/b/c/x.bin", files))
        let attributes = LFSAttributes(files.mapValues { Array($0.utf8) })
        #expect(attributes.directory(deciding: "a/x.bin") == "a")
        #expect(attributes.directory(deciding: "a/b/x.bin") == "a/b")
        #expect(attributes.directory(deciding: "nothing.txt") == .root)
    }

    @Test func `a pattern with blanks stands in quotes`() {
        let lines = #"""
            "my file.bin" filter=lfs
            "tab\there" filter=lfs
            "quote\"d" filter=lfs
            "\303\251.bin" filter=lfs
            my[[:space:]]other.bin filter=lfs
            """#
        for path: Path in ["my file.bin", "d/my file.bin", "tab\there", "quote\"d", "é.bin", "my other.bin"] {
            #expect(sends(path, [".gitattributes": lines]), "\(path)")
        }
        #expect(!sends("my", [".gitattributes": lines]))
    }

    @Test func `a directory's own pattern says nothing of what lies in it`() {
        #expect(!sends("data/a", [".gitattributes": "data/ filter=lfs\n"]))
        #expect(!sends("data/a", [".gitattributes": "data filter=lfs\n"]))
        #expect(sends("data/a", [".gitattributes": "data/* filter=lfs\n"]))
        #expect(!sends("data/b/a", [".gitattributes": "data/* filter=lfs\n"]))
        #expect(sends("data/b/a", [".gitattributes": "data/** filter=lfs\n"]))
        #expect(sends("x/data/a", [".gitattributes": "**/data/* filter=lfs\n"]))
    }

    @Test func `comments, negation and what is no rule are passed over`() {
        let lines = "# *.a filter=lfs\n!*.b filter=lfs\n\n   *.c filter=lfs\n*.d\n*.e filter=lfs\r\n"
        for path: Path in ["x.a", "x.b", "x.d"] {
            #expect(!sends(path, [".gitattributes": lines]), "\(path)")
        }
        for path: Path in ["x.c", "x.e"] { #expect(sends(path, [".gitattributes": lines]), "\(path)") }
    }
}

import TestSupport
import Testing

@testable import GitPatterns
@testable import SpacesModel

/// Tests for the LFS attributes of paths. `GitTests/LFSAttributesPeerTests` compares the same lines
/// with Git.
struct LFSAttributesTests {
    private func usesLFS(_ path: Path, _ files: [Path: String]) -> Bool {
        LFSAttributes(files.mapValues { Array($0.utf8) }).usesLFS(path)
    }

    @Test func `the last line that sets the filter applies`() {
        let lines = """
            *.bin filter=lfs diff=lfs merge=lfs -text
            small.bin -filter
            other.bin filter=other
            back.bin !filter
            text.bin text
            """
        let files: [Path: String] = [".gitattributes": lines]
        #expect(usesLFS("a.bin", files) && usesLFS("deep/er/a.bin", files) && usesLFS("text.bin", files))
        for path: Path in ["small.bin", "other.bin", "back.bin", "a.txt", "bin"] {
            #expect(!usesLFS(path, files), "\(path)")
        }
    }

    @Test func `a macro of the top-level file stands for its attributes`() {
        let lines = "[attr]big filter=lfs -text\n[attr]plain -filter\n*.png big\nicon.png plain\n"
        #expect(usesLFS("a.png", [".gitattributes": lines]))
        #expect(!usesLFS("icon.png", [".gitattributes": lines]))
        #expect(!usesLFS("d/a.png", ["d/.gitattributes": "[attr]big filter=lfs\n*.png big\n"]))
        #expect(
            usesLFS("d/a.png", [".gitattributes": "[attr]big filter=lfs\n", "d/.gitattributes": "*.png big"]))
    }

    @Test func `the file in the nearest directory takes precedence`() {
        let files: [Path: String] = [
            ".gitattributes": "*.bin filter=lfs\n", "a/.gitattributes": "*.bin -filter\n",
            "a/b/.gitattributes": "/x.bin filter=lfs\n",
        ]
        #expect(usesLFS("x.bin", files) && !usesLFS("a/x.bin", files))
        #expect(usesLFS("a/b/x.bin", files) && !usesLFS("a/b/c/x.bin", files))
        let attributes = LFSAttributes(files.mapValues { Array($0.utf8) })
        #expect(attributes.directory(deciding: "a/x.bin") == "a")
        #expect(attributes.directory(deciding: "a/b/x.bin") == "a/b")
        #expect(attributes.directory(deciding: "nothing.txt") == .root)
    }

    @Test func `a pattern with blanks can be quoted`() {
        let lines = #"""
            "my file.bin" filter=lfs
            "tab\there" filter=lfs
            "quote\"d" filter=lfs
            "\303\251.bin" filter=lfs
            my[[:space:]]other.bin filter=lfs
            """#
        for path: Path in ["my file.bin", "d/my file.bin", "tab\there", "quote\"d", "é.bin", "my other.bin"] {
            #expect(usesLFS(path, [".gitattributes": lines]), "\(path)")
        }
        #expect(!usesLFS("my", [".gitattributes": lines]))
    }

    @Test func `a pattern for a directory does not match its files`() {
        #expect(!usesLFS("data/a", [".gitattributes": "data/ filter=lfs\n"]))
        #expect(!usesLFS("data/a", [".gitattributes": "data filter=lfs\n"]))
        #expect(usesLFS("data/a", [".gitattributes": "data/* filter=lfs\n"]))
        #expect(!usesLFS("data/b/a", [".gitattributes": "data/* filter=lfs\n"]))
        #expect(usesLFS("data/b/a", [".gitattributes": "data/** filter=lfs\n"]))
        #expect(usesLFS("x/data/a", [".gitattributes": "**/data/* filter=lfs\n"]))
    }

    @Test func `comments, negated patterns and incomplete lines are ignored`() {
        let lines = "# *.a filter=lfs\n!*.b filter=lfs\n\n   *.c filter=lfs\n*.d\n*.e filter=lfs\r\n"
        for path: Path in ["x.a", "x.b", "x.d"] {
            #expect(!usesLFS(path, [".gitattributes": lines]), "\(path)")
        }
        for path: Path in ["x.c", "x.e"] { #expect(usesLFS(path, [".gitattributes": lines]), "\(path)") }
    }
}

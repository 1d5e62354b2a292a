import Testing

@testable import Deploy
@testable import GitPatterns
@testable import SpacesModel

@Suite struct CheckHubRulesTests {
    private static func rules(_ files: [Path: FileListing.File], attributes: [Path: String] = [:])
        -> [Finding]
    {
        let listing = FileListing(files.map { ($0.key, $0.value) })
        let lfsAttributes = LFSAttributes(attributes.mapValues { Array($0.utf8) })
        return (HubPushRules(listing, attributes: lfsAttributes).findings + SymlinkRules(listing).findings)
            .sortedUnique
    }

    private static let large = FileListing.File(.file, size: 10 << 20 | 1)

    @Test func `files over 10 MiB and binary files require LFS`() {
        #expect(Self.rules(["a": Self.large]).map(\.rule) == [.largeFile])
        #expect(Self.rules(["a": FileListing.File(.file, size: 10 << 20)]) == [])
        #expect(Self.rules(["a": FileListing.File(.file, size: 11 << 20, .pointer)]) == [])
        #expect(
            Self.rules(["a": FileListing.File(.executable, size: 5, .binary)]).map(\.rule) == [.binaryFile])
        #expect(Self.rules(["a": FileListing.File(.file, size: 130, .pointer)]) == [])
        #expect(
            Self.rules(["a": FileListing.File(.file, size: 130, .missingPointer)]).map(\.rule) == [
                .lfsPointer
            ])
        #expect(
            Self.rules(["a": FileListing.File(.file, size: 31_457_280)]).first?.reason.contains("30.0 MiB")
                == true)
    }

    @Test(
        arguments: [
            ("*.bin filter=lfs diff=lfs merge=lfs -text", "x/a.bin", true),
            ("*.bin filter=lfs\n*.bin -filter", "a.bin", false), ("/x/* filter=lfs", "x/a.bin", true),
            ("/x/* filter=lfs", "x/y/a.bin", false), ("x/** filter=lfs", "x/y/a.bin", true),
            ("# *.bin filter=lfs", "a.bin", false), ("*.bin text", "a.bin", false),
            ("*.bin !filter", "a.bin", false), ("*.bin  filter=lfs\r\n", "a.bin", true),
            ("[attr]big filter=lfs", "big", false),
        ] as [(String, Path, Bool)])
    func `gitattributes determine which files use LFS`(text: String, path: Path, usesLFS: Bool) {
        #expect(LFSAttributes([".gitattributes": Array(text.utf8)]).usesLFS(path) == usesLFS)
        let attributes: [Path: String] = [".gitattributes": text]
        let found = Self.rules([path: FileListing.File(.file, size: 5)], attributes: attributes)
        #expect(found.map(\.rule) == (usesLFS ? [.lfsAttribute] : []))
        #expect(Self.rules([path: FileListing.File(.file)], attributes: attributes) == [])
        #expect(Self.rules([path: FileListing.File(.file, size: 5, .pointer)], attributes: attributes) == [])
    }

    @Test func `the attributes of the deeper directory take precedence`() {
        let files: [Path: [UInt8]] = [
            ".gitattributes": Array("* filter=lfs".utf8), "x/.gitattributes": Array("a -filter".utf8),
        ]
        #expect(!LFSAttributes(files).usesLFS("x/a"))
        #expect(LFSAttributes(files).usesLFS("x/b"))
    }

    @Test func `a directory may have 10,000 entries`() {
        let many = Dictionary((0...10_000).map { (Path("d/\($0)"), FileListing.File(.file)) }) { first, _ in
            first
        }
        #expect(Self.rules(many).map(\.rule) == [.directoryEntries])
        #expect(Self.rules(many.filter { $0.key != "d/0" }) == [])
        #expect(Self.rules(many).first?.path == "d")
    }

    @Test(arguments: [
        (".git", true), (".GIT", true), ("git~1", true), (".git ", true), (".git.", true),
        (".git::$INDEX", true), (".g\u{200c}it", true), ("..", true),
        (".gitignore", false), (".github", false), ("git", false), ("é", false), ("a.git", false),
        ("git~10", false), ("...", false),
    ])
    func `names that Git rejects are reported`(name: String, isRejected: Bool) {
        #expect(
            Self.rules([Path(joining: ["x", Path(name), "y"]): FileListing.File(.file)]).map(\.rule)
                == (isRejected ? [.fileName] : []))
    }

    @Test func `case conflicts, broken links and submodules are warnings`() {
        let files: [Path: FileListing.File] = [
            "Read.md": .init(.file), "read.md": .init(.file), "a/b": .init(.symlink, link: "../read.md"),
            "a/c": .init(.symlink, link: "../../x"),
            "d": .init(.symlink, link: "/etc/x"), "e": .init(.symlink, link: "a/z"), "f": .init(.submodule),
            "g": .init(.symlink, link: "a"),
            "h": .init(.symlink, link: "g/b"), "i": .init(.symlink, link: "i2"), "X/1": .init(.file),
            "x/2": .init(.file),
        ]
        let found = Self.rules(files)
        #expect(Set(found.map(\.severity)) == [.warning])
        let named = found.map { "\($0.path) \($0.rule.rawValue)" }
        #expect(
            named == [
                "a/c symlink", "d symlink", "e symlink", "f submodule", "i symlink", "read.md file-name-case",
                "x file-name-case",
            ])
    }
}

import TestSupport
import Testing

@testable import Deploy
@testable import GitPatterns
@testable import SpacesModel
@testable import TextTools

/// Tests that compare the reader of `.gitattributes` with `git check-attr`.
@Suite struct LFSAttributesPeerTests {
    /// Returns the paths that git stores with LFS.
    private func sentByGit(_ paths: [Path], in folder: GitFolder) async throws -> Set<Path> {
        let input = paths.map { $0.description + "\0" }.joined()
        let output = try await folder.git("check-attr", "-z", "--stdin", "filter", input: input)
        let fields = output.split(separator: "\0", omittingEmptySubsequences: false)
        let starts = stride(from: 0, to: fields.count - 2, by: 3)
        return Set(starts.filter { fields[$0 + 2] == "lfs" }.map { Path(fields[$0]) })
    }

    @Test func `git uses LFS for exactly the files whose patterns were written`() async throws {
        let folder = try GitFolder()
        try await folder.git("init", "-q")
        let paths: [Path] = [
            "my file", "a*b", "w?", "d/[x]", "back\\slash", "tab\tbed", "#hash", "!bang", "q\"t",
            "line\nfeed",
            "end ", " begin", "**", "a/**/b", "é ü", "\"whole\"", "[[:space:]]", "dot.", ".hidden", "a.b-c",
            "del\u{7f}x", "-dash", "[attr]x",
        ]
        let others: [Path] = [
            "axb", "wx", "d/x", "sub/my file", "my", "x", "backslash", "sub/#hash", "a/x/b", "e u", "whole",
            "hash", "bang", "qt", "begin", "attr",
        ]
        let lines = GitattributesWriter.appended(
            GitattributesWriter.patterns(for: paths, sharing: []), to: [])
        try folder.write(String(decoding: lines, as: UTF8.self), to: ".gitattributes")
        #expect(try await sentByGit(paths + others, in: folder) == Set(paths))
        let ours = LFSAttributes([".gitattributes": lines])
        #expect((paths + others).filter(ours.usesLFS) == paths)
    }

    @Test(arguments: 0..<24)
    func `random rules have the same result as in git`(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let folder = try GitFolder()
        try await folder.git("init", "-q")
        var files: [Path: [UInt8]] = [:]
        for directory in ["", "a/", "a/b/"] {
            let text = (0..<6).map { _ in line(&random) }.joined()
            files[Path("\(directory).gitattributes")] = Array(text.utf8)
            try folder.write(text, to: "\(directory).gitattributes")
        }
        let ours = LFSAttributes(files)
        let theirs = try await sentByGit(Self.paths, in: folder)
        for path in Self.paths where ours.usesLFS(path) != theirs.contains(path) {
            Issue.record(
                "\(path): git says \(theirs.contains(path)) under \(files.mapValues { $0.text })")
        }
    }

    private func line(_ random: inout SeededGenerator) -> String {
        func one(of words: [String]) -> String { words[Int(random.next() % UInt64(words.count))] }
        let words = (0..<(1 + random.next() % 3)).map { _ in one(of: Self.words) }
        if random.next() % 8 == 0 { return "[attr]big \(words.joined(separator: " "))\n" }
        return one(of: Self.patterns) + one(of: [" ", "\t", "  "]) + words.joined(separator: " ")
            + one(of: ["\n", "\n", "\r\n", " \n"])
    }

    private static let patterns = [
        "*", "*.bin", "/x.bin", "b/*", "a/**", "**/x.bin", "b/", "b", "x.?in", "[xy].bin", "\"my file\"",
        "my[[:space:]]file", "!*.bin", "# *.bin", "  *.png", "\"\\170.bin\"", "a/b/x.bin", "\\#x", "x\\.bin",
    ]
    private static let words = [
        "filter=lfs", "filter=lfs", "-filter", "!filter", "filter", "filter=other", "big", "-text",
        "diff=lfs", "binary",
    ]
    private static let paths: [Path] = ["x.bin", "y.bin", "my file", "#x", "i.png", "b", "deep/x.bin"]
        .flatMap { (name: String) in [Path(name), Path("a/\(name)"), Path("a/b/\(name)"), Path("b/\(name)")] }
}

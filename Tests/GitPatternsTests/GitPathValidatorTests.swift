import Foundation
import TestSupport
import Testing

@testable import GitPatterns
@testable import SpacesModel

/// Compares the path validator with `git fsck --strict`: both reject the same names.
@Suite(.enabled(if: Peer.git.isWanted)) struct GitPathValidatorTests {
    static let invalid = [
        ".git", ".GIT", ".Git", ".git ", ".git.", ".git. . ", ".git::$INDEX_ALLOCATION", ".git:x", ".git.:x",
        "git~1", "GIT~1", "git~1 ", "git~1.", "git~1:stream", "foo\\.git", "foo\\.git\\config", "a\\b\\git~1",
        ".git\\config", "\\.git", ".g\u{200c}it", "\u{200d}.git", ".git\u{feff}", ".\u{202e}G\u{206f}it",
        ".git\u{fffe}", "..", ".",
    ]
    static let valid = [
        ".gitignore", ".github", ".gitmodules", ".git-credentials", ".gitx", "a.git", "git", "git~", "git~2",
        "git~10",
        "git~1x", "...", "..a", "é", "\u{200c}", ".gıt", "x:y", "a b", "a.", "con", "aux.txt", "x\\y",
        "tab\tname", "-", "~",
    ]
    static let invalidLinks = [
        ".gitmodules", ".GITMODULES", ".gitmodules ", ".gitmodules.", ".gitmodules::$DATA", "gitmod~1",
        "GITMOD~4",
        "gi7eba~1", "g~100000", ".git\u{200c}modules",
    ]
    static let validLinks = [
        ".gitignore", ".gitattributes", "gitmod~5", "gi7eba~0", "gi7eb~01", "gi7ebb~1", "gitmodules", "~1",
    ]

    @Test func `the validator rejects exactly the names that Git rejects`() async throws {
        let folder = try await GitFolder.repository()
        let blob = try await folder.git("hash-object", "-w", "--stdin", input: "x")
        var trees: [String: (name: String, isLink: Bool)] = [:]
        for (names, mode) in [
            (Self.invalid + Self.valid, "100644"), (Self.invalidLinks + Self.validLinks, "120000"),
        ] {
            for name in names {
                let entry = "\(mode) blob \(blob)\t\(name)\0"
                trees[try await folder.git("mktree", "-z", input: entry)] = (name, mode == "120000")
            }
        }
        let fsck = try await run(
            Peer.git.found(), ["fsck", "--strict", "--no-dangling"],
            environment: gitEnvironment(home: folder.path), directory: URL(fileURLWithPath: folder.path))
        let rejected = Set(trees.keys.filter { fsck.err.contains("error in tree \($0)") })
        for (id, (name, isLink)) in trees {
            let problem = GitPathValidator.problem(with: Path(name), isLink ? .symlink : .file)
            let details = "\(name.debugDescription) link: \(isLink): \(problem ?? "valid") \(fsck)"
            #expect((problem != nil) == rejected.contains(id), "\(details)")
        }
        #expect(rejected.count == Self.invalid.count + Self.invalidLinks.count, "\(fsck)")
    }

    @Test(arguments: ["", "a/b", "a\0b", "a\\..\\b", "..\\a"])
    func `names that a tree cannot contain or that are paths on Windows are rejected`(name: String) {
        #expect(GitPathValidator.problem(with: Path(name)) != nil)
    }

    @Test func `a name that is not UTF-8 is compared up to the first invalid byte, as in Git`() {
        #expect(GitPathValidator.problem(with: Path(bytes: Array(".git".utf8) + [0xff])) != nil)
        #expect(GitPathValidator.problem(with: Path(bytes: Array(".gi".utf8) + [0xff, 0x74])) == nil)
    }
}

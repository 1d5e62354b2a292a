import Foundation
import TestSupport
import Testing

@testable import GitPatterns
@testable import SpacesModel
@testable import TextTools

/// Compares the patterns with `git check-ignore`.
@Suite struct SelectionGitTests {
    @Test func `random patterns match the same paths as in Git`() async throws {
        let git = try Referee()
        defer { git.discard() }
        #expect(try await git.ask(["git", "init", "-q"]).status == 0)
        var random = FixedSeed(20_240_229)
        let lists = (0..<400).map { _ in Self.list(&random) } + Self.odd.map { [$0] }
        for (index, list) in lists.enumerated() {
            try git.write(list.joined(separator: "\n").utf8, to: "d\(index)/.gitignore")
            for file in Self.files { try git.write([], to: "d\(index)/\(file)") }
        }
        let paths = lists.indices.flatMap { index in Self.paths.map { "d\(index)/\($0)" } }
        let input = paths.joined(separator: "\0") + "\0"
        let result = try await git.ask(
            ["git", "check-ignore", "--no-index", "--stdin", "-v", "-n", "-z"], input: Array(input.utf8))
        let fields = result.output.split(separator: 0, omittingEmptySubsequences: false).map(\.text)
        try #require(fields.count == paths.count * 4 + 1, "\(result.errors)")
        var decided = 0
        for (number, path) in paths.enumerated() {
            let list = lists[number / Self.paths.count]
            let line = Int(fields[number * 4 + 1])
            let pattern = Self.deciding(list, Self.paths[number % Self.paths.count])
            #expect(pattern == line.map { list[$0 - 1] }, "\(path) with \(list)")
            if line != nil { decided += 1 }
        }
        #expect(decided > 2_000)
    }

    /// Returns the pattern that `git check-ignore -v` would show.
    private static func deciding(_ list: [String], _ text: String) -> String? {
        let (patterns, path) = (PatternList(list), Path(text))
        let isDirectory = !files.contains(text)
        let pattern =
            patterns.excludingPattern(path, isDirectory: isDirectory)
            ?? patterns.lastMatchingPattern(path, isDirectory: isDirectory)
        return pattern?.text
    }

    static let files = [
        "a", "b.py", "ab/a", "ab/b.py", "ab/cd/a", "ab/cd/b.py", "ab/cd/ab/a.b", "src/main.py", "src/ab/a-b",
        "src/[x]", "src/a b", "src/x ", "é/ü.py", "#x", "!x", "z/*", "z/a\\b", "z/Z", "foo/x/y/bar",
        "foox/bar",
        "foox/y/bar", "-/]", "1/9.txt", "trail /a",
    ]

    static let paths: [String] = {
        let parents = files.flatMap { file in
            Path(file).levels.dropLast().map(\.description)
        }
        return files + Set(parents).sorted()
    }()

    private static func list(_ random: inout FixedSeed) -> [String] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in pattern(&random) }
    }

    private static func pattern(_ random: inout FixedSeed) -> String {
        let pieces = [
            "a", "b", "ab", "cd", "src", "foo", "bar", "x", "y", ".py", ".b", "/", "/", "/", "*", "*", "**",
            "**/",
            "/**", "/**/", "?", "[ab]", "[!a]", "[^b]", "[a-c]", "[[:alpha:]]", "[[:digit:][:punct:]]",
            "[]-]",
            "[a-]", "\\*", "\\", " ", "\\ ", "[x", "[[:no:]]", "é", "-", "***", "[\\]]", "[a\\-c]", "[z-a]",
        ]
        let start = ["", "", "", "!", "/", "!/", "#", "\\#", "\\!"].randomElement(using: &random) ?? ""
        let middle = (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in
            pieces.randomElement(using: &random)
        }
        let end = ["", "", "", "/", " ", "/**"].randomElement(using: &random) ?? ""
        return start + middle.joined() + end
    }

    private static let odd = [
        "*", "**", "/", "//", "!", "#", " ", "\\", "\\ ", "x\\ ", "x ", "*.py", "/*.py", "*.py/", "ab/", "ab",
        "/ab", "ab/cd", "cd", "cd/", "ab/**", "ab/**/", "**/a", "**/cd/**", "ab/**/a", "ab/**/a.b", "**/**/a",
        "foo**/bar", "foo**bar", "foo/**/**/bar", "*/", "*/*", "/*/*/", "a*b/*", "[", "[a", "[]", "[]]",
        "[!]]",
        "[[:alpha:]", "[[:alpha:]]", "[[:alpha]]", "[[:ALPHA:]]", "[a-c-e]", "[--z]", "src/[[]x]", "src/a b",
        "*b",
        "*ab", "\\a", "z/\\*", "z/a\\\\b", "[[:upper:]]", "é", "?", "??", "é/?.py", "é/??.py", "\\#x", "\\!x",
        "#x",
        "!x", "trail /", "trail\\ /", "trail ", "a/", "/a", "ab//a", "**a", "a**", "ab/**a", "ab/c**/a",
    ]
}

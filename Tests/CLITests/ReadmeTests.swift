import Documentation
import Foundation
import TestSupport
import Testing

/// Tests that the README is short, and that its links and names are valid.
struct ReadmeTests {
    private let text: String
    init() throws {
        text = try String(contentsOf: PackageRoot.url.appending(path: "README.md"), encoding: .utf8)
    }

    @Test func `the README has less than 150 lines`() {
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }

    @Test func `the commands for the demo and for the tests are blocks of their own`() {
        for command in [
            ".ci/setup && swift run -c release spacesync demo", ".ci/setup --tests && swift test",
        ] {
            #expect(text.contains("\n\n```\n\(command)\n```\n\n"), "\(command)")
        }
    }

    @Test func `the README links to every topic`() {
        for topic in HelpTopic.all {
            #expect(text.contains("](Sources/Documentation/Topics/\(topic.name).md)"), "\(topic.name)")
        }
    }

    @Test func `the links of the README lead to files and headings`() throws {
        #expect(try MarkdownLinks.broken(in: text, at: "README.md") == [])
    }

    @Test func `the README does not use words of the list`() {
        #expect(AvoidedWords.found(in: text) == [])
    }
}

/// The relative links of a Markdown file.
enum MarkdownLinks {
    /// Returns the links that lead to no file, or to no heading of a file.
    /// - Parameter path: the path of the file in the package.
    static func broken(in text: String, at path: String) throws -> [String] {
        let file = PackageRoot.url.appending(path: path)
        return text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }.filter { link in
            guard !link.hasPrefix("https://") else { return false }
            let halves = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target =
                halves[0].isEmpty
                ? file : file.deletingLastPathComponent().appending(path: String(halves[0]))
            guard FileManager.default.fileExists(atPath: target.standardizedFileURL.path) else { return true }
            guard halves.count == 2 else { return false }
            let linked = try? String(contentsOf: target, encoding: .utf8)
            return !anchors(of: linked ?? "").contains(String(halves[1]))
        }
    }

    /// The anchors of the headings, as GitHub makes them.
    private static func anchors(of text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
            line.drop { $0 == "#" || $0 == " " }.lowercased().filter {
                $0.isLetter || $0.isNumber || " -".contains($0)
            }
            .replacing(" ", with: "-")
        }
    }
}

import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel
@testable import TextTools

/// Tests for detecting the parts of a README that the Space changed, and which of them the source
/// changed as well.
struct ReadmeComparisonTests {
    private func parts(_ keys: String, _ text: String) throws -> ReadmeSections {
        try #require(ReadmeSections(Array("---\n\(keys)\n---\n\(text)".utf8)))
    }

    private func readme(_ text: String) -> SourceReadme {
        SourceReadme(file: BlobVersion(kind: .file, id: .zero), bytes: Array(text.utf8))
    }

    @Test func `parts are compared separately, and keys by value`() throws {
        let comparison = ReadmeComparison(
            deployed: try parts("emoji: 🚀\ntitle: A\nsdk: docker", "one\n"),
            composed: try parts("emoji: 🚀\ntitle: B\nsdk: docker", "one\n"),
            space: try parts("title: \"A\"\nemoji: 🐟\nsdk: 'docker'", "two\n"), preserved: [:],
            readmes: SourceReadmes())
        #expect(comparison.edits.map(\.part) == [.key("emoji"), .text])
        #expect(comparison.edits.allSatisfy { !$0.isChangedInSource && !$0.isConflict })
        let merged = try #require(comparison.merged(keeping: comparison.edits)).text
        #expect(merged == "---\ntitle: B\nemoji: 🐟\nsdk: 'docker'\n---\ntwo\n")
        let textAlone = try #require(comparison.merged(keeping: [comparison.edits[1]])).text
        #expect(textAlone == "---\ntitle: B\nemoji: 🚀\nsdk: 'docker'\n---\ntwo\n")
    }

    @Test func `a change in the source is detected in its README if the last deploy was made from it`() throws
    {
        func edits(_ now: String, _ then: String) throws -> [ReadmeEdit] {
            ReadmeComparison(
                deployed: try parts("emoji: 🚀\nlicense: mit", "one\n"),
                composed: try parts("emoji: 🚀", "one\n"),
                space: try parts("emoji: 🚀\nlicense: apache-2.0", "one\n"), preserved: [:],
                readmes: SourceReadmes(now: readme(now), lastDeploy: readme(then))
            ).edits
        }
        // Only the settings contained the licence.
        #expect(try edits("one\n", "one\n").map(\.isChangedInSource) == [false])
        #expect(try edits("one\n", "---\nlicense: mit\n---\none\n").map(\.isChangedInSource) == [true])
        // The last deploy was made from another text, so that nothing is known about the licence.
        #expect(try edits("one\n", "another\n").map(\.isChangedInSource) == [true])
    }

    @Test func `a preserved part is compared with the source's version at that time`() throws {
        let sourceParts = try parts("emoji: 🚀", "one\n"), spaceParts = try parts("emoji: 🐟", "two\n")
        let preserved = [ReadmePart.key("emoji"), .text].map { ($0, sourceParts.fingerprint(of: $0)) }
        func edits(_ composed: ReadmeSections) -> [ReadmeEdit] {
            ReadmeComparison(
                deployed: spaceParts, composed: composed, space: spaceParts,
                preserved: Dictionary(uniqueKeysWithValues: preserved), readmes: SourceReadmes()
            ).edits
        }
        #expect(edits(sourceParts).map(\.wasPreserved) == [true, true])
        #expect(edits(sourceParts).map(\.isChangedInSource) == [false, false])
        #expect(edits(try parts("emoji: 🐠", "one\n")).map(\.isChangedInSource) == [true, false])
        #expect(edits(spaceParts).isEmpty, "both came home")
    }

    @Test func `a card whose keys cannot be edited separately is not merged`() throws {
        let comparison = ReadmeComparison(
            deployed: try parts("title: &a A\nemoji: *a", "one\n"),
            composed: try parts("title: B\nemoji: A", "one\n"),
            space: try parts("title: &a A\nemoji: *a", "two\n"), preserved: [:], readmes: SourceReadmes())
        #expect(comparison.merged(keeping: comparison.edits) == nil)
    }

    @Test func `records of any key are read back, and invalid ones are ignored`() throws {
        var merged = MergedEdits()
        merged.records = [.init(path: "README.md", source: BlobVersion(kind: .file, id: .zero))]
        for part in [ReadmePart.text, .key("emoji"), .key(""), .key("two words"), .key("a: b")] {
            merged.readme[part] = "0123456789abcdef"
        }
        var trailers = Trailers()
        merged.write(to: &trailers)
        func read(_ text: String) -> MergedEdits {
            let signature = Signature(name: "a", email: "b", time: 0)
            return MergedEdits(
                of: Commit(
                    id: .zero, tree: .zero, parents: [], author: signature, message: "subject\n\n" + text))
        }
        #expect(read(trailers.text).readme == merged.readme)
        #expect(read("Merged-Readme: \n").readme.isEmpty)
        #expect(read("Merged-Readme: \u{1b}[2J\u{1b} \u{7}\n").readme.count == 1, "matches no value")
    }

    @Test func `a rollback keeps the records of the deploy that it restores`() {
        var (now, earlier) = (MergedEdits(), MergedEdits())
        let file = BlobVersion(kind: .file, id: .zero)
        now.records = [.init(path: "README.md", source: file)]
        now.readme = [.text: "1", .key("title"): "2"]
        earlier.records = [.init(path: "README.md", source: nil), .init(path: "f", source: nil)]
        earlier.readme = [.key("emoji"): "3", .key("title"): "4"]
        let all = now.adding(earlier)
        #expect(all.records.map(\.path) == ["f", "README.md"])
        #expect(all.readme == [.text: "1", .key("title"): "2", .key("emoji"): "3"])
    }
}

import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel
@testable import TextTools

/// Which parts of a README the Space changed, and which of them the source changed as well.
struct ReadmeComparisonTests {
    private func parts(_ keys: String, _ text: String) throws -> ReadmeSections {
        try #require(ReadmeSections(Array("---\n\(keys)\n---\n\(text)".utf8)))
    }

    private func readme(_ text: String) -> SourceReadme {
        SourceReadme(file: BlobVersion(kind: .file, id: .zero), bytes: Array(text.utf8))
    }

    @Test func `parts are compared by themselves, keys by what they mean`() throws {
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

    @Test func `the source's own README decides, where the last deploy was made of it`() throws {
        func edits(_ now: String, _ then: String) throws -> [ReadmeEdit] {
            ReadmeComparison(
                deployed: try parts("emoji: 🚀\nlicense: mit", "one\n"),
                composed: try parts("emoji: 🚀", "one\n"),
                space: try parts("emoji: 🚀\nlicense: apache-2.0", "one\n"), preserved: [:],
                readmes: SourceReadmes(now: readme(now), lastDeploy: readme(then))
            ).edits
        }
        // Only the settings said the licence.
        #expect(try edits("one\n", "one\n").map(\.isChangedInSource) == [false])
        #expect(try edits("one\n", "---\nlicense: mit\n---\none\n").map(\.isChangedInSource) == [true])
        // The deploy was made of another text, so nothing is known of it.
        #expect(try edits("one\n", "another\n").map(\.isChangedInSource) == [true])
    }

    @Test func `a kept part is compared with what the source's side was`() throws {
        let mine = try parts("emoji: 🚀", "one\n"), theirs = try parts("emoji: 🐟", "two\n")
        let kept = [ReadmePart.key("emoji"), .text].map { ($0, mine.fingerprint(of: $0)) }
        func edits(_ composed: ReadmeSections) -> [ReadmeEdit] {
            ReadmeComparison(
                deployed: theirs, composed: composed, space: theirs,
                preserved: Dictionary(uniqueKeysWithValues: kept), readmes: SourceReadmes()
            ).edits
        }
        #expect(edits(mine).map(\.wasPreserved) == [true, true])
        #expect(edits(mine).map(\.isChangedInSource) == [false, false])
        #expect(edits(try parts("emoji: 🐠", "one\n")).map(\.isChangedInSource) == [true, false])
        #expect(edits(theirs).isEmpty, "both came home")
    }

    @Test func `a card that cannot be edited key by key is not merged`() throws {
        let comparison = ReadmeComparison(
            deployed: try parts("title: &a A\nemoji: *a", "one\n"),
            composed: try parts("title: B\nemoji: A", "one\n"),
            space: try parts("title: &a A\nemoji: *a", "two\n"), preserved: [:], readmes: SourceReadmes())
        #expect(comparison.merged(keeping: comparison.edits) == nil)
    }

    @Test func `records are read back, of any key, and nonsense is none`() throws {
        var merged = MergedEdits()
        merged.records = [.init(path: "README.md", source: BlobVersion(kind: .file, id: .zero))]
        for part in [ReadmePart.text, .key("emoji"), .key(""), .key("two words"), .key("a: b")] {
            merged.readme[part] = "0123456789abcdef"
        }
        var trailers = Trailers()
        merged.write(to: &trailers)
        func read(_ text: String) -> MergedEdits {
            let who = Signature(name: "a", email: "b", time: 0)
            return MergedEdits(
                of: Commit(
                    id: .zero, tree: .zero, parents: [], author: who, message: "subject\n\n" + text))
        }
        #expect(read(trailers.text).readme == merged.readme)
        #expect(read("Merged-Readme: \n").readme.isEmpty)
        #expect(read("Merged-Readme: \u{1b}[2J\u{1b} \u{7}\n").readme.count == 1, "matches no value")
    }

    @Test func `what a rollback returns to keeps its own parts`() {
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

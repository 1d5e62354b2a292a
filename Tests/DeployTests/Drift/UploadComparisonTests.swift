import Testing

@testable import Deploy
@testable import SpacesModel

/// Tests for ignoring the differences between Space and source that other upload tools cause.
struct UploadComparisonTests {
    private func isText(_ space: String, _ versions: String...) -> Bool {
        UploadComparison(Array(space.utf8)).matchesText(of: versions.map { Array($0.utf8) })
    }

    private func isReadme(_ space: String, _ versions: String...) -> Bool {
        UploadComparison(Array(space.utf8)).matchesReadme(of: versions.map { Array($0.utf8) })
    }

    @Test func `carriage returns before line feeds are ignored, others are not`() {
        #expect(isText("a\r\nb\n", "x", "a\nb\r\n"))
        #expect(!isText("a\rb\n", "ab\n"))
        #expect(!isText("a\r", "a"))
        #expect(isText("", ""))
        #expect(!isText("a"))
    }

    @Test func `LFS lines are ignored`() {
        let rule = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
        func isSame(_ space: String, _ versions: String...) -> Bool {
            UploadComparison(Array(space.utf8)).matchesAttributes(of: versions.map { Array($0.utf8) })
        }
        #expect(isSame(rule))
        #expect(isSame("*.txt text\n" + rule, "*.txt text\n"))
        #expect(isSame("*.txt text\r\n", rule + "*.txt text\n"))
        #expect(!isSame("*.txt text\n"))
        #expect(!isSame("*.txt text\n" + rule, "*.md text\n"))
    }

    @Test func `keys of a card are compared by value, and keys only on the Space are ignored`() {
        let source = "---\ntitle: Demo\nsdk: docker\n---\n# Demo\n"
        #expect(isReadme("---\ntitle: \"Demo\"\nsdk: docker\nemoji: 🦊\n---\n\n# Demo\n", source))
        #expect(!isReadme("---\ntitle: Mine\nsdk: docker\n---\n# Demo\n", source))
        #expect(!isReadme("---\ntitle: Demo\nsdk: docker\n---\n# Demo\nMore\n", source))
        #expect(!isReadme("---\ntitle: Demo\n# a remark\nsdk: docker\n---\n# Demo\n", source))
        #expect(isReadme("---\ntitle: Old\nsdk: docker\n---\n# Demo\n", source, "---\ntitle: Old\n---\n"))
        #expect(!isReadme("---\ntitle: [\n---\n# Demo\n", source))
        #expect(isReadme("# Demo\n", source))
    }

    @Test func `the Hub's default line below a card is ignored`() {
        let line =
            "Check out the configuration reference at https://hub.test/docs/hub/spaces-config-reference\n"
        #expect(
            isReadme("---\ntitle: Demo\nmodels: [a/b]\n---\n\n" + line, "---\ntitle: Demo\n---\n# Demo\n"))
        #expect(!isReadme("---\ntitle: Demo\n---\n\nMine\n\n" + line, "---\ntitle: Demo\n---\n# Demo\n"))
    }
}

struct CommitGraphTests {
    private func commit(_ number: Int, _ parents: Int...) -> Commit {
        var commit = Commit(
            id: id(number), tree: id(900), parents: parents.map { id($0) },
            author: Signature(name: "A", email: "a@b", time: Int64(number)), message: "\(number)\n")
        commit.commitTime = Int64(number)
        return commit
    }

    private func id(_ number: Int) -> ObjectID {
        ObjectID(String(repeating: "0", count: 37) + String(1000 + number).suffix(3)) ?? .zero
    }

    @Test func `commits that are not reachable from another one are listed newest first`() {
        // 1 - 2 - 3 - 5 (merge of 3 and 4), 2 - 4 - 6
        let graph = CommitGraph([
            commit(1), commit(2, 1), commit(3, 2), commit(4, 2), commit(5, 3, 4), commit(6, 4),
        ])
        #expect(graph.commits(from: id(5), beyond: id(6)).map(\.id) == [id(5), id(3)])
        #expect(graph.commits(from: id(6), beyond: id(5)).map(\.id) == [id(6)])
        #expect(graph.commits(from: id(2), beyond: id(5)).isEmpty)
        #expect(!graph.contains(id(7)) && graph.commits(from: id(7), beyond: id(1)).isEmpty)
    }

    @Test func `a cycle of parents, which no repository can have, does not loop forever`() {
        let graph = CommitGraph([commit(1, 2), commit(2, 1)])
        #expect(graph.commits(from: id(1), beyond: id(3)).count == 2)
    }
}

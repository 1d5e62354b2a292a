import Foundation
import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel
@testable import TextTools

struct DiffTests {
    private func unified(_ old: String, _ new: String) -> String {
        String(decoding: Diff(from: Array(old.utf8), to: Array(new.utf8)).unified, as: UTF8.self)
    }

    @Test(arguments: [
        ("", "", ""),
        ("a\n", "a\n", ""),
        ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
        ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
        ("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"),
        ("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
        ("a\n", "b", "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n"),
        ("a\nb", "x\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"),
        ("a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n"),
        (
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nx\n",
            "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+x\n"
        ),
        (
            "0\n1\n2\n3\n4\n5\n6\n7\n8\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
            "@@ -1,4 +1,4 @@\n-0\n+x\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-8\n+y\n"
        ),
    ])
    func `hunks have git's format`(old: String, new: String, expected: String) {
        #expect(unified(old, new) == expected)
    }

    @Test func `texts without common lines are shown one after the other`() {
        let old = (0..<3000).map { "old \($0)\n" }.joined(), new = (0..<3000).map { "new \($0)\n" }.joined()
        let text = unified(old, new)
        #expect(text.hasPrefix("@@ -1,3000 +1,3000 @@\n-old 0\n-old 1\n") && text.hasSuffix("+new 2999\n"))
    }

    /// Returns a random text of short lines from a small set, so that many lines are equal. Some
    /// texts have no final line end, some lines end in CRLF.
    private func sample(_ random: inout SplitMix) -> String {
        let count = Int(random.next() % 30)
        let lines = (0..<count).map { _ in
            ["a", "b", "c", "", "- d", "+e", "\\ f"][Int(random.next() % 7)]
                + (random.next() % 9 == 0 ? "\r\n" : "\n")
        }
        let text = lines.joined()
        return random.next() % 4 == 0 ? text + "end" : text
    }

    private struct SplitMix {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `git apply produces the new text, and git's minimal diff is not shorter`() async throws {
        var random = SplitMix(state: 20_26)
        let folder = try GitFolder()
        try await folder.git("init", "-q")
        for _ in 0..<40 {
            let (old, new) = (sample(&random), sample(&random))
            guard old != new, !old.isEmpty, !new.isEmpty else { continue }
            try folder.write(old, to: "f")
            try folder.write(new, to: "g")
            let side = { (text: String) in
                FileDiff.Side(
                    kind: .file,
                    id: text == old ? .zero : ObjectID(String(repeating: "1", count: 40)) ?? .zero,
                    text: Array(text.utf8))
            }
            let diff = FileDiff(path: "f", old: side(old), new: side(new)).text
            let patch = String(decoding: diff, as: UTF8.self)
            let minimalDiff = try await folder.gitDiff("f", "g")
            #expect(changes(patch) == changes(minimalDiff), "\(patch)\n\(minimalDiff)")
            try folder.write(patch, to: "patch")
            try await folder.git("apply", "--whitespace=nowarn", "patch")
            let applied = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/f"))
            #expect(applied == Data(new.utf8), "\(patch)")
        }
    }

    private func changes(_ diff: String) -> Int {
        let hunks = diff.utf8.split(separator: UInt8(ascii: "\n")).drop { $0.first != UInt8(ascii: "@") }
        return hunks.count { $0.first == UInt8(ascii: "+") || $0.first == UInt8(ascii: "-") }
    }
}

extension GitFolder {
    /// Returns git's minimal diff. `git diff --no-index` exits with 1 if the files differ.
    fileprivate func gitDiff(_ old: String, _ new: String) async throws -> String {
        try await git("-c", "alias.d=!git diff --no-index --minimal \(old) \(new) || true", "d")
    }
}

import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel
@testable import TextTools

/// Tests for reading malformed source commits and writing deploy commits from them.
@Suite struct `Text of commits` {
    private func source(_ author: String, _ message: String = "Subject\n", extra: String = "") -> Commit? {
        let tree = String(repeating: "ab", count: 20)
        let text = "tree \(tree)\nauthor \(author)\ncommitter Ada <a@b> 1 +0000\n\(extra)\n\(message)"
        return CommitCodec.commit(.zero, in: Array(text.utf8))
    }

    /// Writes a deploy commit for a source commit, checks it with `git fsck --strict`, and returns the
    /// control and bidirectional characters that it contains, escaped.
    private func controlCharacters(of commit: Commit) async throws -> String {
        let folder = try await GitFolder.repository()
        let tree = try #require(ObjectID(try await folder.git("rev-parse", "HEAD^{tree}")))
        var trailers = Trailers()
        trailers.add("Source-Branch", "feature\u{85}\u{202E}\u{0}x")
        let draft = CommitDraft(
            tree: tree, parents: [], author: commit.author,
            committer: Signature(name: commit.author.name, email: "", time: 1_700_000_000),
            message: commit.subject + "\n\n" + trailers.text)
        try Data(CommitCodec.bytes(of: draft)).write(to: URL(fileURLWithPath: folder.path + "/commit"))
        let id = try await folder.git("hash-object", "-w", "-t", "commit", "--literally", "commit")
        try await folder.git("update-ref", "refs/heads/main", id)
        try await folder.git("fsck", "--strict", "--no-dangling", "--no-progress")
        let body = try await folder.git("cat-file", "commit", id)
        let hidden = body.unicodeScalars.filter {
            $0 != "\n" && ($0.properties.generalCategory == .control || $0.isBidirectionalControl)
        }
        return hidden.map(\.escaped).joined()
    }

    @Test(arguments: [
        "Ada\u{1}\u{0} <a\u{7F}@b> 1700000000 -10039", " <> 1 +0000",
        "Ada < <b> c> 99999999999999999999 +0000",
        "Ada <a@b> -5 +0100", "Ada <a@b> 9223372036854775807 +9999",
        "\u{202E}\u{9B}31m <\u{85}> 5 -2147483648",
        "no address at all", "Ada <a@b> 1e9 +01:00", "<<<>>> 0 +0", "Ada <a@b> 253402300800 -1401",
    ])
    func `a malformed author does not make the deploy commit invalid`(author: String) async throws {
        let commit = try #require(source(author, "A \u{1B}[31msub\u{0}ject\u{202E}\r\nbody\n"))
        #expect(try await controlCharacters(of: commit) == "")
    }

    @Test func `timestamps and time zones out of range are replaced, valid ones are kept`() throws {
        func lines(_ author: String) throws -> String {
            let commit = try #require(source(author))
            let committer = Signature(name: "Bo", email: "b@c", time: 1_700_000_000)
            let draft = CommitDraft(
                tree: commit.tree, parents: [], author: commit.author, committer: committer, message: "x")
            let text = String(decoding: CommitCodec.bytes(of: draft), as: UTF8.self)
            return String(text.split(separator: "\n")[1])
        }
        #expect(try lines("Ada <a@b> 1600000000 -10039") == "author Ada <a@b> 1600000000 +0000")
        #expect(try lines("Ada <a@b> -1 +0530") == "author Ada <a@b> 1700000000 +0530")
        #expect(try lines("Ada <a@b> 99999999999999999 -0330") == "author Ada <a@b> 1700000000 -0330")
        #expect(try lines("Ada <a@b> 1600000000 +1400") == "author Ada <a@b> 1600000000 +1400")
    }

    @Test func `a commit is decoded with the encoding of its header`() throws {
        func commit(_ encoding: String, _ name: [UInt8], _ subject: [UInt8]) throws -> Commit {
            let tree = Array("tree \(String(repeating: "ab", count: 20))\nauthor ".utf8)
            let middle = Array(" <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nencoding \(encoding)\n\n".utf8)
            return try #require(CommitCodec.commit(.zero, in: tree + name + middle + subject))
        }
        let latin = try commit("ISO-8859-1", [0x4A, 0xF6, 0x72, 0x67], [0xE9, 0x74, 0xE9])
        #expect(latin.author.name == "Jörg" && latin.subject == "été")
        let japanese = try commit(
            "Shift_JIS", [0x93, 0xFA, 0x96, 0x7B], [0x83, 0x65, 0x83, 0x58, 0x83, 0x67])
        #expect(japanese.author.name == "日本" && japanese.subject == "テスト")
        let russian = try commit("KOI8-R", [0xED, 0xC9, 0xD2], [0xED, 0xC9, 0xD2])
        #expect(russian.subject == "Мир")
        #expect(try commit("x-unknown", [0x41], [0xE9]).subject == "\u{FFFD}")
        #expect(try commit("UTF-16//TRANSLIT/../..", [0x41], [0x42]).subject == "B")
        #expect(try commit("Shift_JIS", [0x41], [0x93, 0xFF, 0x41]).subject.hasSuffix("A"))
        #expect(try commit("UTF-8", [0x41], Array("ü".utf8)).subject == "ü")
    }

    @Test func `a long subject is shortened for display, a commit over 4 MiB is not read`() async throws {
        let long = try #require(source("A <a@b> 1 +0000", String(repeating: "x", count: 5_000) + "\nbody"))
        #expect(long.subject.count == 1_001 && long.shownSubject.count == 121)
        let marks = try #require(
            source("A <a@b> 1 +0000", "e" + String(repeating: "\u{301}", count: 100_000)))
        #expect(marks.shownSubject.unicodeScalars.count == 121)
        let folder = try await GitFolder.repository()
        try await folder.git(
            "commit", "-q", "--allow-empty", "-F", "-",
            input: String(repeating: "long line\n", count: 450_000))
        let opened = try await LocalSource.open(at: folder.path)
        let failure = await #expect(throws: DeployError.self) { try await opened.snapshot(of: nil) }
        #expect(failure?.kind == .source)
        #expect(failure?.details.first?.contains("the limit is 4 MiB") == true)
    }
}

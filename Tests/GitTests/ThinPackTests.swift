import Foundation
import HTTP
import TestSupport
import Testing

@testable import Deploy
@testable import Git
@testable import SpacesModel

/// Tests that git can apply the written deltas.
@Suite struct `A delta` {
    private typealias Pair = (base: [UInt8], new: [UInt8])

    private static func delta(_ pair: Pair, limit: Int = .max) -> [UInt8]? {
        pair.base.withUnsafeBytes { base in
            pair.new.withUnsafeBytes { Delta.bytes(from: base, to: $0, limit: limit) }
        }
    }

    private static func text(_ lines: Range<Int>) -> [UInt8] {
        lines.flatMap { Array("line \($0 &* 7919 % 104_729)\n".utf8) }
    }

    /// Copies with every length of offset and size, moved blocks, and data shorter than a window.
    private static let cases: [Pair] = {
        let long = text(0..<20_000)
        let zeros = [UInt8](repeating: 0, count: 300_000)
        return [
            (long, long), (long, text(0..<3) + long), (long, Array(long.dropFirst(70_000))),
            (long, Array(long.prefix(65_536))), (long, Array(long.dropFirst(65_536).prefix(65_537))),
            (long, Array(long.prefix(1000)) + text(50_000..<50_020) + long.dropFirst(1010)),
            (long, Array(long.suffix(100_000)) + Array(long.prefix(100_000))),
            (zeros, zeros + [1] + zeros), (zeros + long, long + zeros), (text(0..<1), text(0..<2)),
            (text(0..<100), text(0..<1)), ([1, 2, 3], [1, 2, 3, 4]),
            (text(0..<90_000), text(0..<45_000) + [7] + text(45_000..<90_000)),
        ]
    }()

    /// Returns a text and a version of it with some ranges removed, duplicated or overwritten.
    private static func edited(by seed: UInt64) -> Pair {
        var dice = Dice(seed)
        let base = text(0..<Int(dice.next() % 3000))
        var new = base
        for _ in 0..<dice.next() % 12 {
            let from = Int(dice.next() % UInt64(new.count + 1))
            let piece = from..<min(new.count, from + Int(dice.next() % 400))
            switch dice.next() % 3 {
            case 0: new.removeSubrange(piece)
            case 1: new.insert(contentsOf: Array(new[piece]), at: Int(dice.next() % UInt64(new.count + 1)))
            default: new.replaceSubrange(piece, with: piece.map { _ in UInt8(dice.next() & 0xFF) })
            }
        }
        return (base, new)
    }

    private struct Dice {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state >> 11
        }
    }

    @Test func `git applies a delta with exactly the expected bytes`() async throws {
        let pairs = Self.cases + (1...200).map(Self.edited)
        let folder = try await GitFolder.repository()
        let bases = Set(pairs.map(\.base)).filter { !$0.isEmpty }
        let stream = bases.map { Data("blob\ndata \($0.count)\n".utf8) + $0 + Data("\n".utf8) }
        try stream.reduce(Data(), +).write(to: URL(fileURLWithPath: folder.path + "/stream"))
        try await folder.shell("git fast-import --quiet < stream")

        // git rejects deltas of fewer than four bytes, which only occur for empty content.
        let sent = pairs.filter { !$0.base.isEmpty && !$0.new.isEmpty }
        var body = Data()
        var writer = try PackWriter(count: sent.count) { body.append(contentsOf: $0) }
        for pair in sent {
            try writer.add(delta: try #require(Self.delta(pair)), over: ODB.hash(pair.base))
        }
        try writer.finish()
        try body.write(to: URL(fileURLWithPath: folder.path + "/thin.pack"))
        try await folder.shell("git unpack-objects -q < thin.pack")
        let names = Set(sent.map { ODB.hash($0.new).description })
        let found = try await folder.git(
            "cat-file", "--batch-check", input: names.joined(separator: "\n") + "\n")
        #expect(found.split(separator: "\n").count { $0.contains(" blob ") } == names.count)
    }

    @Test func `a delta is short for a small change, and nil if it is longer than the limit`() throws {
        let base = Self.text(0..<20_000)
        let changed = Array(base.prefix(100_000)) + Array("new\n".utf8) + base.dropFirst(100_000)
        #expect(try #require(Self.delta((base, changed))).count < 60)
        #expect(try #require(Self.delta((base, Array(base.reversed()) + base))).count > 100_000)
        #expect(Self.delta((base, Array(base.reversed())), limit: 10_000) == nil)
    }

}

extension GitFolder {
    /// Runs a shell command in the folder.
    fileprivate func shell(_ line: String) async throws { try await git("-c", "alias.line=!" + line, "line") }
}

/// Tests for packs with objects that are similar to those of the Space.
@Suite struct `A pack over the Space's objects` {
    /// Packs one changed file of a directory of 1,000 files and a long text with a new line, and indexes the
    /// pack in the Space's repository; returns the size of the pack in bytes and the output of git.
    private func pushed(isThin: Bool) async throws -> (size: Int, fsck: String, output: String) {
        let folder = try await GitFolder.repository()
        let lines = (0..<5000).map { "line \($0 &* 7919)\n" }
        let files = (0..<1000).map { "M 100644 inline d/f\($0).txt\ndata \("\($0)".utf8.count)\n\($0)\n" }
        let text = { (text: String) in "M 100644 inline long.txt\ndata \(text.utf8.count)\n\(text)\n" }
        let stream = [
            files.joined() + text(lines.joined()),
            "M 100644 inline d/f7.txt\ndata 3\nnew\n" + text("first\n" + lines.joined()),
        ].map {
            "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nc\n"
                + ($0.hasPrefix("M 100644 inline d/f0.txt") ? "from refs/heads/main^0\n" : "") + $0 + "\n"
        }
        try await folder.git("fast-import", "--quiet", input: stream.joined())
        try await folder.git("init", "-q", "--bare", "space")
        try await folder.git("push", "-q", "space", "main~1:refs/heads/main")

        let source = try await LocalSource.open(at: folder.path)
        let store = try await Cache(at: folder.path + "/cache").store(
            for: "https://h.co/spaces/a/b", joining: [source.objects])
        let (old, new) = (
            try await source.snapshot(of: folder.git("rev-parse", "main~1")),
            try await source.snapshot(of: "main")
        )
        let changes = try await TreeDiff(from: old.commit.tree, to: new.commit.tree, in: store)
        let body = try await store.pack(
            of: [PackObject(new.commit.id)] + changes.objects, after: Data(), isThin: isThin
        ).body
        guard case .bytes(let pack) = body else { return (0, "", "") }
        try pack.write(to: URL(fileURLWithPath: folder.path + "/space/sent.pack"))
        let output = try await folder.git(
            "-C", "space", "-c",
            "alias.take=!git index-pack --strict --stdin \(isThin ? "--fix-thin" : "") < sent.pack", "take")
        try await folder.git("-C", "space", "update-ref", "refs/heads/main", new.commit.id.description)
        return (pack.count, try await folder.git("-C", "space", "fsck", "--full"), output)
    }

    @Test func `a thin pack contains deltas only, and git completes it`() async throws {
        let thin = try await pushed(isThin: true)
        #expect(thin.size < 800, "\(thin.size)")
        #expect(thin.fsck == "")
    }

    @Test func `a pack for a server without thin packs is self-contained`() async throws {
        let whole = try await pushed(isThin: false)
        #expect(whole.size > 30_000, "\(whole.size)")
        #expect(whole.fsck == "")
    }
}

import Foundation
import TestSupport
import Testing

/// Files left over from processes that were killed while writing.
struct LeftoverFileTests {
    private func age(_ path: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: path)
    }

    @Test func `unfinished packs, locks, spools and temporary directories of dead processes are removed`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.push(source)
        try #require(first.status == 0, "\(first)")
        let cache = scene.folder.path + "/home/.cache/spacesync"
        let store = try #require(
            try FileManager.default.contentsOfDirectory(atPath: cache).first {
                FileManager.default.fileExists(atPath: "\(cache)/\($0)/objects")
            })
        let temporary = scene.folder.path + "/tmp"
        try FileManager.default.createDirectory(
            atPath: temporary + "/spacesync-abcdef", withIntermediateDirectories: true)
        let dead = [
            "\(cache)/\(store)/objects/pack/pack_git2_0123456789abcdef",
            "\(cache)/\(store)/refs/spacesync/tip.lock",
            "\(cache)/lfs-a1b2c3", "\(cache)/.dat.nosync1f2.AbCdEf", "\(temporary)/spacesync-abcdef/body",
        ]
        for path in dead {
            try Data(count: 10).write(to: URL(fileURLWithPath: path))
            try age(path)
        }
        try age(temporary + "/spacesync-abcdef")
        let fresh = "\(cache)/lfs-d4e5f6"
        try Data(count: 10).write(to: URL(fileURLWithPath: fresh))
        try await source.commit(["app.py": "print(2)\n"], "Change")
        // Creating a new store starts the cleanup.
        let other = try await scene.spacesync(
            "push", "me/other", "--create", "--no-wait", in: source.url, changing: ["TMPDIR": temporary])
        #expect(other.status == 0, "\(other)")
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--no-wait", in: source.url, changing: ["TMPDIR": temporary])
        #expect(pushed.status == 0, "\(pushed)")
        for path in dead { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
        #expect(FileManager.default.fileExists(atPath: fresh), "somebody may be writing it")
        let tip = "\(cache)/\(store)/refs/spacesync/tip"
        #expect(FileManager.default.fileExists(atPath: tip))
    }
}

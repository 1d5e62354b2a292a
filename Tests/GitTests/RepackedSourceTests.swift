import Foundation
import Git
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `A store that died or has history` {
    @Test func `temporary directories of crashed processes are removed`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            let store = try scene.storePath()
            try FileManager.default.copyItem(atPath: store, toPath: store + ".new-4194303-17")
            try FileManager.default.removeItem(atPath: store + ".new-4194303-17/HEAD")
            try FileManager.default.copyItem(atPath: store, toPath: store + ".old-4194303")
            #expect(scene.cache.entries().count == 1)
            try scene.bringToLimit()
            try await scene.deploy("2")
            #expect(try scene.leftovers().isEmpty)
        }
    }

    @Test func `a store recovers from a crash between the two renames of a repack`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            let store = try scene.storePath()
            try FileManager.default.copyItem(atPath: store, toPath: store + ".new-4194303-17")
            try FileManager.default.moveItem(atPath: store, toPath: store + ".old-4194303")
            #expect(scene.cache.entries().isEmpty)
            try await scene.deploy("2")
            #expect(try scene.leftovers().isEmpty)
            #expect(try await scene.head() == scene.tip())
        }
    }

    @Test func `temporary directories next to a store in use are kept`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            let making = try scene.storePath() + ".new-4194303-17"
            try FileManager.default.createDirectory(atPath: making, withIntermediateDirectories: true)
            let other = try await scene.holdStore()
            _ = try await scene.cache.store(for: "https://example.org/another")
            #expect(try scene.leftovers().count == 1)
            other.send(SIGKILL)
            _ = await other.end()
            _ = scene.cache.clear()
            #expect(try scene.leftovers().isEmpty)
        }
    }

    @Test func `a repack keeps deltas and all files of a completely fetched source`() async throws {
        let scene = try await SpaceScene(history: 1, files: Self.manyFiles)
        try await scene.backend.serving {
            let commit = try await fetchWhole(scene)
            let size = try scene.packSize()
            try scene.bringToLimit()
            scene.backend.forget()
            #expect(try await fetchWhole(scene) == commit)
            #expect(scene.backend.asked.count == 1)
            #expect(try scene.packs().count == 1)
            #expect(try scene.packSize() < size * 11 / 10)
            #expect(try await scene.git("fsck", "--full", "--no-dangling").isEmpty)
            let files = try await scene.git("ls-tree", "-r", "--name-only", commit.description)
            #expect(files.split(separator: "\n").count == Self.manyFiles.count + 1)
        }
    }

    /// More files than are requested by id, and large enough to be stored as deltas.
    private static let manyFiles = Dictionary(
        uniqueKeysWithValues: (0..<2_100).map { number in
            ("files/\(number).txt", "file \(number)\n" + (0..<40).map { "line \($0 &* 7919)\n" }.joined())
        })

    private func fetchWhole(_ scene: SpaceScene) async throws -> ObjectID {
        let access = SourceEnvironment(cache: scene.cache, client: scene.client)
        let source = try await openSource(scene.backend.url("space").absoluteString, access)
        let snapshot = try await source.snapshot(of: nil)
        let list = try await scene.folder.git("-C", "space", "ls-tree", "-r", "main")
        let blobs = list.split(separator: "\n").compactMap {
            ObjectID($0.split(separator: " ")[2].prefix(40))
        }
        try await snapshot.fetchBlobs?(blobs)
        return snapshot.commit.id
    }

    @Test func `a repack keeps objects fetched with history and the largest pack file`() async throws {
        let scene = try await SpaceScene(history: 40)
        _ = try await scene.store()
        var generator = SeededGenerator(state: 7)
        let random = (0..<(33 << 17)).map { _ in generator.next() }
        try random.withUnsafeBytes {
            try Data($0).write(to: URL(fileURLWithPath: scene.folder.path + "/large"))
        }
        let blob = try await scene.folder.git("-C", "space", "hash-object", "-w", "../large")
        try await scene.folder.git("-C", "space", "tag", "large", blob)
        for reference in ["refs/tags/*", "refs/heads/*"] {
            _ = try await scene.git(
                "-c", "fetch.unpackLimit=1", "fetch", "-q", scene.folder.path + "/space",
                "\(reference):\(reference)")
        }
        let before = try await scene.git("rev-list", "--all", "--objects")
        let largest = try scene.largestPack()
        try scene.bringToLimit()
        _ = try await scene.store()
        #expect(try scene.packs().count == 2)
        #expect(try scene.largestPack() == largest)
        #expect(try await scene.git("rev-list", "--all", "--objects") == before)
        #expect(try await scene.git("fsck", "--full", "--strict") == "")
        #expect(try await scene.git("rev-parse", "refs/tags/large") == blob)
    }
}

extension SpaceScene {
    func packSize() throws -> Int {
        try packs().reduce(0) { sum, name in
            let path = try storePath() + "/objects/pack/" + name
            return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
        }
    }

    /// Returns the name and inode number of the largest pack.
    func largestPack() throws -> [String] {
        let packs = try packs().map { name in
            (name, try FileManager.default.attributesOfItem(atPath: storePath() + "/objects/pack/" + name))
        }
        let largest = packs.max { ($0.1[.size] as? Int ?? 0) < ($1.1[.size] as? Int ?? 0) }
        return [largest?.0 ?? "", "\(largest?.1[.systemFileNumber] ?? 0)"]
    }
}

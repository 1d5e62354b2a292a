import Foundation
import Git
import HTTP
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `A store with many packs` {
    @Test func `the store is repacked, and only the first push fetches trees`() async throws {
        let scene = try await SpaceScene(history: 3)
        try await scene.backend.serving {
            try await scene.deploy("0")
            scene.backend.forget()
            var most = 0
            for number in 1...25 {
                try await scene.deploy("\(number)")
                most = max(most, try scene.packs().count)
            }
            #expect(most == 21)
            #expect(try scene.packs().count < 10)
            #expect(scene.backend.asked.count == 50, "\(scene.backend.asked.map(\.target))")
            #expect(scene.backend.asked.allSatisfy { $0.route != "git-upload-pack" })
            #expect(try await scene.folder.git("-C", "space", "fsck", "--full") == "")
        }
    }

    @Test func `a repack keeps the current objects and removes old ones`() async throws {
        let scene = try await SpaceScene(files: [
            "README.md": "# Space\n", "app/sub/main.py": "1\n", "b": "2",
        ])
        try await scene.backend.serving {
            try await scene.deploy("first")
            let old = try await scene.tip()
            try await scene.deploy("second")
            let tip = try await scene.tip()
            let before = try await scene.git("ls-tree", "-r", "-t", tip)
            let card = try await scene.git("rev-parse", tip + ":README.md")
            let readme = try #require(ObjectID(card))
            try await scene.read(readme)
            try scene.bringToLimit()
            let config = try scene.inode("config")
            let store = try await scene.store()
            #expect(try scene.packs().count == 1)
            #expect(try await scene.tip() == tip)
            #expect(try await scene.git("ls-tree", "-r", "-t", tip) == before)
            #expect(try await store.content(of: readme) == Array("# Space\n".utf8))
            let gone = try #require(ObjectID(old))
            #expect(await !store.contains(gone))
            #expect(scene.cache.entries().map(\.remote) == [scene.backend.url("space").absoluteString])
            #expect(try scene.inode("config") == config)
        }
    }

    @Test func `a store that another process uses works and is not repacked`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            try scene.bringToLimit()
            scene.backend.forget()
            let other = try await scene.holdStore()
            try await scene.deploy("2")
            #expect(scene.backend.asked.count == 2)
            #expect(try scene.packs().count > 20)
            other.send(SIGKILL)
            _ = await other.end()
            try await scene.deploy("3")
            #expect(try scene.packs().count == 2)
            #expect(scene.backend.asked.count == 4)
        }
    }

    @Test func `a store in use that has far too many packs is bypassed`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            try scene.bringToLimit(201)
            let count = try scene.packs().count
            let other = try await scene.holdStore()
            try await scene.deploy("2")
            #expect(try scene.packs().count == count)
            other.send(SIGKILL)
            _ = await other.end()
            try await scene.deploy("3")
            #expect(try scene.packs().count < 5)
        }
    }

    @Test func `a store with a corrupt pack or without a saved tip is rebuilt`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            for damage in [scene.damagePacks, scene.truncatePacks, scene.forgetTip] {
                try await scene.deploy("1")
                try damage()
                try scene.bringToLimit()
                try await scene.deploy("2")
                #expect(try scene.packs().count <= 4)
                #expect(try await scene.head() == scene.tip())
            }
        }
    }

    @Test func `concurrent readers repack a store at most once, and all of them can read it`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            let head = try await scene.head()
            for _ in 1...5 {
                try scene.bringToLimit()
                scene.backend.forget()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...10 {
                        group.addTask {
                            let space = scene.space(try await scene.store(), isWritable: false)
                            #expect(try await space.fetchHead(of: "main").head?.id.description == head)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(scene.backend.asked.count == 10)
            }
            _ = try await scene.store()
            #expect(try scene.packs().count == 1)
            #expect(try scene.leftovers().isEmpty)
        }
    }

    @Test func `a large, fragmented store is repacked before it has many packs`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            try await scene.deploy("1")
            for number in 1...2 {
                let file = try scene.storePath() + "/objects/pack/pack_git2_\(number)"
                try Data().write(to: URL(fileURLWithPath: file))
                #expect(truncate(file, 40 << 20) == 0)
            }
            try await scene.deploy("2")
            #expect(try scene.packs().count == 2)
        }
    }
}

extension SpaceScene {
    func git(_ arguments: String...) async throws -> String {
        let allArguments = ["--git-dir", try storePath()] + arguments
        return try await GitFolder.git(allArguments, in: folder.path)
    }

    /// Returns the files in the store's pack directory, without the indexes.
    func packs() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: storePath() + "/objects/pack")
            .filter { !$0.hasSuffix(".idx") }
    }

    /// Returns the inode number of a file in the store.
    func inode(_ file: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: storePath() + "/" + file)[.systemFileNumber] as? Int
    }

    /// Returns the temporary directories in the cache.
    func leftovers() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: cache.path)
            .filter { $0.contains(".new-") || $0.contains(".old-") }
    }

    /// Creates files as interrupted fetches leave them, so that the store is due for a repack.
    func bringToLimit(_ count: Int = 21) throws {
        for number in 1...count {
            let file = try storePath() + "/objects/pack/pack_git2_\(number)"
            try Data("PACK".utf8).write(to: URL(fileURLWithPath: file))
        }
    }

    /// Deploys one file in a separate run.
    func deploy(_ text: String) async throws {
        let store = try await store()
        let space = space(store)
        let head = try await space.fetchHead(of: "main").head
        let (commit, objects) = try await change("app.txt", to: text, on: head, in: store)
        let receipt = try await space.push(commit, with: objects, to: "main", expecting: head?.id)
        #expect(receipt == .accepted(commit, remoteLines: []))
    }

    /// Fetches a blob of the Space into the store.
    func read(_ blob: ObjectID) async throws {
        let space = space(try await store(), isWritable: false)
        _ = try await space.fetchHead(of: "main")
        try await space.fetchBlobs([blob])
    }

    /// Starts another process that holds the lock of the store.
    func holdStore() async throws -> LiveRun {
        let script = "echo held; exec sleep 60"
        let other = try LiveRun.start(
            "/usr/bin/env", ["flock", "--no-fork", "-s", storePath() + ".lock", "sh", "-c", script],
            environment: gitEnvironment(home: folder.path), directory: URL(fileURLWithPath: folder.path))
        try #require(await other.says("held"), "\(other.err)")
        return other
    }

    func forgetTip() throws {
        try FileManager.default.removeItem(atPath: storePath() + "/refs/spacesync/tip")
    }

    func damagePacks() throws {
        try changePacks { bytes in for offset in 40..<(bytes.count - 20) { bytes[offset] ^= 0x55 } }
    }

    func truncatePacks() throws { try changePacks { $0 = $0.prefix(30) } }

    private func changePacks(_ change: (inout Data) -> Void) throws {
        for name in try packs() {
            let file = URL(fileURLWithPath: try storePath() + "/objects/pack/" + name)
            var bytes = try Data(contentsOf: file)
            change(&bytes)
            try FileManager.default.removeItem(at: file)
            try bytes.write(to: file)
        }
    }
}

import Foundation
import Git
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `The tip that a store remembers` {
    @Test func `the saved tip is the fetched head, then the pushed commit`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            let store = try await scene.store()
            let space = scene.space(store)
            let head = try #require(try await space.fetchHead(of: "main").head)
            #expect(try await scene.tip() == head.id.description)
            let (commit, objects) = try await scene.change("a", to: "1", on: head, in: store)
            _ = try await space.push(commit, with: objects, to: "main", expecting: head.id)
            #expect(try await scene.tip() == commit.description)
        }
    }

    @Test func `an unchanged tip is not written again`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            _ = try await scene.space(try await scene.store()).fetchHead(of: "main")
            let file = try scene.storePath() + "/refs/spacesync/tip"
            let made = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
            _ = try await scene.space(try await scene.store()).fetchHead(of: "main")
            let now = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
            #expect(made != nil && made == now)
        }
    }

    @Test func `the tip of a source is saved too`() async throws {
        let scene = try await SpaceScene(history: 3)
        try await scene.backend.serving {
            let access = SourceEnvironment(cache: scene.cache, client: scene.client)
            let source = try await openSource(scene.backend.url("space").absoluteString, access)
            let commit = try await source.snapshot(of: nil).commit.id
            #expect(try await scene.tip() == commit.description)
        }
    }
}

extension SpaceScene {
    /// Returns the path of the only store in the cache.
    func storePath() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: cache.path)
        let name = try #require(
            names.first {
                !$0.contains(".new-") && !$0.contains(".old-")
                    && FileManager.default.fileExists(atPath: cache.path + "/\($0)/HEAD")
            })
        return cache.path + "/" + name
    }

    func tip() async throws -> String {
        try await folder.git("--git-dir", try storePath(), "rev-parse", "refs/spacesync/tip")
    }
}

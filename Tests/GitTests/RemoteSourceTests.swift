import Foundation
import Git
import HTTP
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `A source behind a URL` {
    private func access(_ scene: SpaceScene, meter: TrafficCounter? = nil) -> SourceEnvironment {
        SourceEnvironment(cache: scene.cache, client: scene.client, meter: meter)
    }

    private func open(_ scene: SpaceScene, meter: TrafficCounter? = nil) async throws -> any GitSource {
        try await openSource(scene.backend.url("space").absoluteString, access(scene, meter: meter))
    }

    @Test func `a source is fetched once, without history and file contents`() async throws {
        let scene = try await SpaceScene(history: 30)
        try await scene.backend.serving {
            let source = try await open(scene)
            let snapshot = try await source.snapshot(of: "main")
            #expect(try await snapshot.commit.id.description == scene.head())
            #expect(snapshot.branch == "main")
            #expect(snapshot.repository == scene.backend.url("space").absoluteString)
            let space = try await scene.cache.store(
                for: "https://example.org/other", joining: [source.objects])
            let entries = try await space.entries(of: snapshot.commit.tree)
            let readme = try #require(entries.first { $0.name == "README.md" })
            #expect(await !space.contains(readme.id))
            try await snapshot.fetchBlobs?([readme.id])
            #expect(try await space.content(of: readme.id) == Array("# Space\n".utf8))
            #expect(await !space.contains(snapshot.commit.parents[0]))
            let meter = TrafficCounter()
            _ = try await open(scene, meter: meter).snapshot(of: nil)
            #expect(meter.requests == 1)
        }
    }

    @Test func `the next fetch transfers only new objects`() async throws {
        let large = (0..<20_000).map { "\($0 &* 7919)" }.joined()
        let scene = try await SpaceScene(history: 1, files: ["large.txt": large, "a": "1"])
        try await scene.backend.serving {
            _ = try await open(scene).snapshot(of: nil)
            let stream = """
                commit refs/heads/main
                committer Ada <ada@example.org> 1800000000 +0000
                data 1
                n
                from refs/heads/main^0
                M 100644 inline a
                data 1
                2

                """
            try await scene.folder.git("-C", "space", "fast-import", "--quiet", input: stream)
            let meter = TrafficCounter()
            let snapshot = try await open(scene, meter: meter).snapshot(of: nil)
            #expect(try await snapshot.commit.id.description == scene.head())
            #expect(meter.requests == 2)
            #expect(meter.bytesReceived < 5_000)
        }
    }

    @Test func `tags and commit ids resolve, and an unknown name lists the references`() async throws {
        let scene = try await SpaceScene(history: 3)
        try await scene.folder.git("-C", "space", "tag", "-a", "v1", "-m", "one", "main~1")
        let tagged = try await scene.folder.git("-C", "space", "rev-parse", "main~1")
        try await scene.backend.serving {
            let source = try await open(scene)
            #expect(try await source.snapshot(of: "v1").commit.id.description == tagged)
            #expect(try await source.snapshot(of: tagged).branch == nil)
            let failure = await #expect(throws: DeployError.self) { try await source.snapshot(of: "mian") }
            #expect(failure?.kind == .source)
            #expect(failure?.hint == "did you mean main?")
            #expect(failure?.details == ["it has: main, v1"])
        }
    }

    @Test func `without support for ls-refs the ref advertisement is used`() async throws {
        let scene = try await SpaceScene()
        scene.backend.answer { asked in
            let isListing = asked.headers["git-protocol"] != nil
            return isListing ? .text(status: 200, type: "application/x-git-upload-pack-result", "") : .git
        }
        try await scene.backend.serving {
            let first = try await open(scene).snapshot(of: nil)
            #expect(try await first.commit.id.description == scene.head())
            scene.backend.forget()
            #expect(try await open(scene).snapshot(of: nil).branch == "main")
            #expect(scene.backend.asked.map(\.route) == ["refs"])
        }
    }

    @Test func `one file is read without fetching the others`() async throws {
        let scene = try await SpaceScene(
            history: 1, files: [".spacesync": "[space]\n", "large": String(repeating: "xyz", count: 100_000)])
        try await scene.backend.serving {
            let meter = TrafficCounter()
            let source = try await open(scene, meter: meter)
            #expect(try await source.settingsFile() == Array("[space]\n".utf8))
            #expect(try await source.file(named: "absent", at: nil, limit: 64) == nil)
            #expect(meter.bytesReceived < 3_000)
        }
    }

    @Test func `a private or missing source is an error`() async throws {
        let scene = try await SpaceScene()
        scene.backend.answer { _ in .text(status: 401, type: "text/plain", "no") }
        try await scene.backend.serving {
            let failure = await #expect(throws: DeployError.self) { try await open(scene).snapshot(of: nil) }
            #expect(failure?.kind == .permissionDenied)
            #expect(failure?.hint?.contains("[source ") == true)
            scene.backend.answer { _ in .git }
            let gone = scene.backend.url("nothing").absoluteString
            let missing = await #expect(throws: DeployError.self) {
                try await openSource(gone, access(scene)).snapshot(of: nil)
            }
            #expect(missing?.kind == .source)
        }
    }

    @Test func `credentials in the URL are not part of the repository name`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            let address = scene.backend.url("space").absoluteString
            let url = address.replacingOccurrences(of: "http://", with: "http://user:secret@")
            let snapshot = try await openSource(url, access(scene)).snapshot(of: nil)
            #expect(snapshot.repository == address)
            #expect(scene.backend.asked.first?.headers["authorization"]?.hasPrefix("Basic ") == true)
            #expect(scene.backend.asked.allSatisfy { !$0.target.contains("secret") })
        }
    }

    @Test func `the address of a source decides how it is opened`() async throws {
        let scene = try await SpaceScene()
        let here = try await openSource("file://" + scene.folder.path + "/space", access(scene))
        #expect(try await here.snapshot(of: nil).commit.id.description == scene.head())
        for location in ["http://example.org/a/b", "git://example.org/a", "ftp://example.org/x"] {
            let failure = await #expect(throws: DeployError.self) {
                try await openSource(location, access(scene))
            }
            #expect(failure?.kind == .source)
        }
        let shell = try await openSource("ssh://git@127.0.0.1:1/x.git", access(scene))
        let failure = await #expect(throws: DeployError.self) { try await shell.snapshot(of: nil) }
        #expect(failure?.kind == .tryLater, "\(String(describing: failure))")
    }
}

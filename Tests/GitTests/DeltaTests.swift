import Foundation
import Git
import HTTP
import TestSupport
import Testing

@testable import SpacesModel

/// Tests for fetching packs with deltified objects, as real servers send them.
@Suite struct `A pack with deltas` {
    /// Returns a scene whose repository stores 12 versions of a long file as deltas.
    private func scene() async throws -> SpaceScene {
        let scene = try await SpaceScene(history: 1)
        let long = (0..<4000).map { "line \($0 &* 7919)\n" }.joined()
        var stream = ""
        for number in 1...12 {
            let text = long + "version \(number)\n"
            stream += """
                commit refs/heads/main
                committer Ada <ada@example.org> \(1_800_000_000 + number) +0000
                data 2
                v
                \(number == 1 ? "from refs/heads/main^0\n" : "")M 100644 inline dir/long.txt
                data \(text.utf8.count)
                \(text)M 100644 inline dir/other\(number).txt
                data \(text.utf8.count)
                \(text)
                """
        }
        try await scene.folder.git("-C", "space", "fast-import", "--quiet", input: stream)
        try await scene.folder.git("-C", "space", "repack", "-q", "-a", "-d", "-f", "--depth=50")
        return scene
    }

    @Test func `a source with deltified objects is fetched with its complete history`() async throws {
        let scene = try await scene()
        try await scene.backend.serving {
            let meter = TrafficCounter()
            let access = SourceEnvironment(cache: scene.cache, client: scene.client, meter: meter)
            let source = try await openSource(scene.backend.url("space").absoluteString, access)
            let snapshot = try await source.snapshot(of: "main")
            #expect(meter.requests == 2)
            try await source.fetchHistory(of: snapshot.commit.id)
            // One more request; objects that are already present are not sent again.
            #expect(meter.requests == 3)
            #expect(meter.bytesReceived < 60_000)
            let space = try await scene.cache.store(for: "https://example.org/x", joining: [source.objects])
            let commits = try await space.commits(from: snapshot.commit.id, beyond: [])
            #expect(commits.count == 13)
            #expect(commits.last?.id == snapshot.commit.id)
            try await source.fetchHistory(of: snapshot.commit.id)
            #expect(meter.requests == 3)
        }
    }
}

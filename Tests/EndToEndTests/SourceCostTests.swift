import Foundation
import TestSupport
import Testing

/// Requests and bytes that a deploy costs at a remote source, as counted by the server.
struct SourceCostTests {
    /// A remote `me/source` with 150 files of 8 KB that compress poorly, and the working tree that
    /// publishes to it.
    private func published() async throws -> (scene: Scene, work: Repository) {
        let scene = try await Scene()
        try await scene.makeSpace("source")
        let work = try await scene.clone("me/source", as: "work")
        var files = Scene.files
        for number in 0..<150 {
            files["data/\(number % 5)/\(number).txt"] = String.hardText(512, UInt64(number + 1))
        }
        try await work.publish(files)
        return (scene, work)
    }

    private func push(_ scene: Scene, _ flags: String...) async throws -> [HubProcess.Asked] {
        try await scene.hub.forget()
        let url = scene.hub.url + "/spaces/me/source"
        let pushed = try await scene.spacesync(["push", "me/demo", "--source", url, "--no-wait"] + flags)
        #expect(pushed.status == 0, "\(pushed)")
        return try await scene.hub.asked().filter { $0.isGit && $0.path.contains("/me/source") }
    }

    @Test
    func `fetching a remote source costs only references, trees and changed files, with and without a cache`()
        async throws
    {
        let (scene, work) = try await published()
        let first = try await push(scene, "--create")
        #expect(first.count <= 3 && first.bytesDown > 500_000, "\(first)")
        #expect(try await push(scene).count == 1)

        try await work.publish(["data/1/1.txt": "short now\n"])
        let warm = try await push(scene)
        // The deltas of the two changed trees, and the file.
        #expect(warm.count == 3 && warm.bytesDown < 1_500, "\(warm)")

        try await work.publish(["data/2/2.txt": "short now, too\n"])
        scene.dropCache()
        let cold = try await push(scene)
        #expect(cold.count == 3 && cold.bytesDown < 20_000, "\(cold)")
        #expect(try await scene.clone("me/demo").text("data/2/2.txt") == "short now, too\n")
    }

    @Test func `a private repository on the Hub is read only with the Hub's token`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/priv", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        let words = [
            "push", "me/demo", "--create", "--no-wait", "--source", scene.hub.url + "/spaces/me/priv",
        ]
        let pushed = try await scene.spacesync(words)
        #expect(pushed.status == 0, "\(pushed)")
        let bare = try await scene.spacesync(["plan"] + words.dropFirst(), changing: ["HF_TOKEN": nil])
        #expect(bare.status == 5 && bare.err.contains("requires a token"), "\(bare)")
    }

    @Test func `only the selected files of a large repository are fetched`() async throws {
        let (scene, _) = try await published()
        let asked = try await push(
            scene, "--create", "--include", "app.py", "--include", "Dockerfile", "--include", "data/1/1.txt")
        #expect(asked.count == 3 && asked.bytesDown < 30_000, "\(asked)")
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.paths().contains("data/1/1.txt"))
        #expect(try await clone.paths().count == 5)
    }
}

extension [HubProcess.Asked] {
    fileprivate var bytesDown: Int { map(\.response_bytes).reduce(0, +) }
}

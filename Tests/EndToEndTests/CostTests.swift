import Foundation
import TestSupport
import Testing

/// Requests and bytes that a deploy costs, as counted by the Hub.
struct CostTests {
    /// A Space whose history has `commits` additional commits below a deploy of the source.
    private func longSpace(_ scene: Scene, commits: Int) async throws -> Repository {
        let source = try await scene.source()
        let first = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        try #require(first.status == 0, "\(first)")
        let clone = try await scene.clone("me/demo", as: "history")
        let stream = try await history(of: commits, onto: clone)
        _ = try await run(
            try Peer.git.found(), ["fast-import", "--quiet"], environment: gitEnvironment(home: clone.home),
            directory: clone.url, input: Data(stream.utf8))
        try await clone.git("push", "-q", "origin", "long:main")
        let over = try await scene.spacesync(
            "push", "me/demo", "--drift", "overwrite", "--no-wait", in: source.url)
        try #require(over.status == 0, "\(over)")
        return source
    }

    /// Returns a stream for git fast-import: a branch `long` whose commits each have a different
    /// file of 2 KB.
    private func history(of commits: Int, onto clone: Repository) async throws -> String {
        let head = try await clone.head()
        return (1...commits).map { number in
            let body = String(repeating: "line \(number) of a file that grows old\n", count: 50)
            return """
                commit refs/heads/long
                committer Ada <ada@example.org> \(1_700_000_000 + number) +0000
                data 4
                more
                \(number == 1 ? "from \(head)\n" : "")M 100644 inline notes.txt
                data \(body.utf8.count)
                \(body)

                """
        }.joined()
    }

    @Test(.timeLimit(.minutes(30)))
    func `one changed file on a Space with thousands of commits costs four Git requests and kilobytes`()
        async throws
    {
        let scene = try await Scene()
        let source = try await longSpace(scene, commits: 2000)
        try await source.commit(["app.py": "print('changed')\n"], "Change")
        scene.dropCache()
        let cold = try await gitRequests(scene, source)
        #expect(cold.count <= 4, "\(cold)")
        #expect(cold.map(\.response_bytes).reduce(0, +) < 20_000, "\(cold)")
        #expect(cold.map(\.request_bytes).reduce(0, +) < 10_000, "\(cold)")

        try await source.commit(["app.py": "print('again')\n"], "Change again")
        let warm = try await gitRequests(scene, source)
        #expect(warm.count == 2, "\(warm)")

        let idle = try await gitRequests(scene, source)
        #expect(idle.isEmpty, "\(idle)")
        // One API request returns the Space's head and stage.
        let all = try await scene.hub.asked()
        #expect(all.count == 1, "\(all)")

        scene.dropCache()
        let idleCold = try await gitRequests(scene, source)
        #expect(idleCold.count <= 3, "\(idleCold)")
        #expect(!idleCold.contains { $0.path.hasSuffix("git-receive-pack") && $0.method == "POST" })
    }

    private func gitRequests(
        _ scene: Scene, _ source: Repository
    ) async throws -> [HubProcess.Asked] {
        try await scene.hub.forget()
        let pushed = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        return try await scene.hub.asked().filter(\.isGit)
    }

    @Test func `the pack contains only the commit, the changed trees and the new blobs`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        for number in 1...40 { files["dir\(number % 4)/file\(number).txt"] = "text \(number)\n" }
        let source = try await scene.source(files)
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let before = try await objects(in: scene)
        try await source.commit(["dir1/file1.txt": "changed\n"], "Change")
        _ = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        // One commit, the root tree, the tree of dir1, and one blob.
        #expect(try await objects(in: scene) == before + 4)
    }

    @Test func `a change in a directory of thousands of files transfers only the change`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        for number in 1...3000 { files["many/file\(number).txt"] = "text \(number)\n" }
        let source = try await scene.source(files)
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)

        try await source.commit(["many/file1.txt": "changed\n"], "Change")
        let requests = try await gitRequests(scene, source)
        #expect(requests.map(\.request_bytes).reduce(0, +) < 1_500, "\(requests)")

        // Another user's commit, which the cache does not have.
        let clone = try await scene.clone("me/demo", as: "else")
        try await clone.commit(["many/file2.txt": "theirs\n"], "Their change")
        try await clone.git("push", "-q", "origin", "HEAD:main")
        try await source.commit(["many/file2.txt": "theirs\n", "app.py": "print('new')\n"], "Change")
        let after = try await gitRequests(scene, source)
        // The branch, its trees, the commits down to the last deploy, and the push.
        #expect(after.count == 4, "\(after)")
        #expect(after.map(\.response_bytes).reduce(0, +) < 2_500, "\(after)")
    }

    @Test func `a moved file or directory is not sent again`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        for number in 0..<40 { files["data/\(number).txt"] = String.hardText(200, UInt64(number + 1)) }
        let source = try await scene.source(files)
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        for (from, to) in [("data/7.txt", "seven.txt"), ("data", "moved")] {
            let before = try await objects(in: scene)
            try await source.git("mv", from, to)
            try await source.git("commit", "-q", "-m", "Move \(from)")
            let plan = try await scene.spacesync("plan", "me/demo", in: source.url)
            // 39 of 44 files moved: moved files do not count as deleted.
            #expect(plan.status == 0 && plan.out.contains("moved to \(to)"), "\(plan)")
            let asked = try await gitRequests(scene, source)
            #expect(asked.map(\.request_bytes).reduce(0, +) < 2_000, "\(asked)")
            // One commit and one root tree; for the first move also `data` without the file.
            #expect(try await objects(in: scene) == before + (from == "data" ? 2 : 3))
        }
        let clone = try await scene.clone("me/demo")
        #expect(try await clone.git("rev-parse", "HEAD:moved") == source.git("rev-parse", "HEAD:moved"))
    }

    private func objects(in scene: Scene) async throws -> Int {
        let bare = try bareRepository(in: scene)
        let count = try await bare.git("cat-file", "--batch-check", "--batch-all-objects")
        return count.split(separator: "\n").count
    }

    /// Returns the Space's repository in the Hub's storage.
    private func bareRepository(in scene: Scene) throws -> Repository {
        let root = scene.folder.url.appending(path: "hub")
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        let head = try #require(names.first { $0.hasSuffix("/HEAD") && !$0.contains("/logs/") })
        return Repository(
            url: root.appending(path: String(head.dropLast(5))), home: scene.folder.path + "/home")
    }
}

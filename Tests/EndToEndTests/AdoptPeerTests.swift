import Foundation
import TestSupport
import Testing

/// Follows the README's migration chapter for users of `hf upload`, hub-sync and git.
@Suite(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
struct AdoptPeerTests {
    enum Tool: String, CaseIterable { case upload, hubSync, git }

    /// A source with an executable, a symlink to a file, and a subfolder.
    private func source(_ scene: Scene) async throws -> Repository {
        let source = try await scene.source(
            Scene.files.merging(["bin/start.sh": "#!/bin/sh\n", "lib/data.txt": "one\n"]) { $1 })
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: source.url.path + "/bin/start.sh")
        try FileManager.default.createSymbolicLink(
            atPath: source.url.path + "/current.txt", withDestinationPath: "lib/data.txt")
        try await source.commit([:], "A program and a link")
        return source
    }

    private func hf(_ scene: Scene, _ source: Repository, _ arguments: String...) async throws {
        let done = try await run(
            Peer.hf.found(), arguments,
            environment: scene.environment.filter { !$0.key.lowercased().contains("proxy") }.merging([
                "LC_ALL": "C.UTF-8", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1",
                "NO_COLOR": "1",
            ]) { $1 }, directory: source.url)
        try #require(done.status == 0, "\(done)")
    }

    /// Uploads the source with the commands that each tool's own documentation gives.
    private func upload(_ tool: Tool, _ scene: Scene, _ source: Repository) async throws {
        switch tool {
        case .upload:
            try await hf(
                scene, source, "upload", "me/demo", ".", ".", "--type", "space", "--exclude", ".git/*")
        case .hubSync:
            try await hf(
                scene, source, "upload", "me/demo", ".", ".", "--type", "space", "--delete", "*", "--exclude",
                ".git*", "--commit-message", "Sync from me/web via hub-sync")
        case .git:
            let remote =
                scene.hub.url.replacing("http://", with: "http://u:\(Scene.token)@") + "/spaces/me/demo"
            try await source.git("remote", "add", "space", remote)
            try await source.git("push", "-qf", "space", "HEAD:main")
        }
    }

    @Test(arguments: Tool.allCases)
    func `a Space made by another tool is adopted without losing files that only it has`(tool: Tool)
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene)
        try await scene.makeSpace()
        try await upload(tool, scene, source)
        try await source.commit(["lib/data.txt": "two\n"], "Two")
        let planned = try await scene.spacesync("plan", "me/demo", in: source.url)
        #expect(planned.status == 0, "\(planned)")

        // A file is created on the Space's website.
        let theirs = try await scene.clone("me/demo", as: "theirs")
        try await theirs.publish(["notes.txt": "by hand\n"], "Create notes.txt")
        let refused = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(refused.status == 9 && refused.err.contains("- notes.txt  removed"), "\(refused)")
        #expect(refused.err.contains("has 1 file "), "\(refused)")
        let patch = try await scene.spacesync("drift", "me/demo", "--patch", in: source.url)
        try patch.out.write(toFile: source.url.path + "/../home.patch", atomically: true, encoding: .utf8)
        try await source.git("apply", "../home.patch")
        #expect(try source.text("notes.txt") == "by hand\n")
        try await source.commit([:], "From the Space")

        let pushed = try await scene.spacesync("push", "me/demo", "--no-wait", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let clone = try await scene.clone("me/demo", as: "after")
        let modes = try await clone.git("ls-tree", "-r", "HEAD")
        #expect(modes.contains("100755 blob") && modes.contains("120000 blob"), "\(modes)")
        #expect(try clone.text("current.txt") == "two\n" && clone.text("notes.txt") == "by hand\n")
        let again = try await scene.spacesync("push", "me/demo", "--no-wait", "--json", in: source.url)
        #expect(again.result("outcome") == "unchanged", "\(again)")
    }
}

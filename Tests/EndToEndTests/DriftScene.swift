import Foundation
import TestSupport
import Testing

/// A deployed Space, its source, and a clone of the Space for editing it.
struct DriftScene: Sendable {
    let scene: Scene
    let source: Repository
    let hubSide: Repository
    /// Flags added to every command.
    var flags: [String] = []

    init(_ files: [String: String], _ flags: [String] = []) async throws {
        scene = try await Scene()
        source = try await scene.source(Scene.files.merging(files) { $1 })
        self.flags = flags
        let first = try await scene.spacesync(
            ["push", "me/demo", "--create", "--no-wait"] + flags, in: source.url)
        try #require(first.status == 0, "\(first)")
        hubSide = try await scene.clone("me/demo", as: "hub-side")
    }

    func push(_ more: String...) async throws -> Finished {
        try await scene.spacesync(["push", "me/demo", "--no-wait"] + flags + more, in: source.url)
    }

    func plan(_ more: String...) async throws -> Finished {
        try await scene.spacesync(["plan", "me/demo"] + flags + more, in: source.url)
    }

    func drift(_ more: String...) async throws -> Finished {
        try await scene.spacesync(["drift", "me/demo"] + flags + more, in: source.url)
    }

    /// Commits a change on top of the Space's current head, as another user.
    func edit(_ files: [String: String], removing gone: [String] = []) async throws {
        try await hubSide.git("pull", "-q", "--rebase", "origin", "main")
        for name in gone { try await hubSide.git("rm", "-q", "-r", name) }
        try await hubSide.publish(files, "Edit on the Hub")
    }

    /// Applies the drift patch to the source with real git and commits it; returns false if git
    /// reports conflicts.
    @discardableResult
    func bringHome(_ apply: String...) async throws -> Bool {
        let patch = try await drift("--patch")
        let file = source.url.appending(path: ".git/drift.patch")
        try Data(patch.out.utf8).write(to: file)
        do { try await source.git(["apply"] + apply + [file.path]) } catch { return false }
        try await source.commit([:], "Bring it home")
        return true
    }

    /// Returns a file of the Space's head, read with real git.
    func onSpace(_ name: String) async throws -> String {
        try await hubSide.git("fetch", "-q", "origin", "main")
        return try await hubSide.git("show", "FETCH_HEAD:\(name)") + "\n"
    }
}

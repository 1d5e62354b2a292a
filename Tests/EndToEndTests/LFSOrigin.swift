import Foundation
import TestSupport
import Testing

/// A separate Git server with LFS as a source: a second local Hub with a private Space as the repository.
struct LFSOrigin {
    let hub: HubProcess
    /// The root folder of the second Hub.
    let root: URL
    /// Different from the first Hub's token.
    static let token = "pelican-at-dusk"

    static func start(in scene: Scene, flags: [String] = []) async throws -> LFSOrigin {
        let root = scene.folder.url.appending(path: "origin-" + UUID().uuidString.prefix(4))
        let hub = try await HubProcess.start(
            flags + ["--root", root.path, "--token", "\(token)=me:write"], home: scene.folder.path + "/home")
        let origin = LFSOrigin(hub: hub, root: root)
        _ = try await hub.call(
            "POST", "/api/repos/create", #"{"type":"space","name":"src","sdk":"docker","private":true}"#,
            token: token)
        return origin
    }

    /// `127.0.0.1:PORT`.
    var host: String { hub.url.replacing("http://", with: "") }
    var remote: String { hub.url + "/spaces/me/src" }
    var lfs: String { remote + ".git/info/lfs" }
    private var remoteWithToken: String { remote.replacing("http://", with: "http://u:\(Self.token)@") }

    /// Adds a `[source]` section with the server's token to the user's settings.
    func allow(in scene: Scene) throws {
        try scene.folder.write(
            "home/.config/spacesync/config",
            "[source \"\(hub.url)\"]\n\ttoken = file:\(scene.folder.path)/source-token\n")
        try scene.folder.write("source-token", Self.token + "\n")
    }

    /// Pushes a source, its pointers and objects to the server, by git and git-lfs.
    func take(_ source: Repository) async throws {
        try await source.git("config", "lfs.\(lfs).locksverify", "false")
        // git-lfs asks for credentials of the LFS server separately from those of the remote.
        try await source.git(
            "-c", "lfs.url=\(remoteWithToken).git/info/lfs", "lfs", "push", "--all", remoteWithToken)
        try await source.git("push", "-q", "--no-verify", "--force", remoteWithToken, "HEAD:main")
        try await hub.forget()
    }

    func object(_ oid: String) -> URL {
        root.appending(
            path: "spaces/me/src.git/lfs/objects/\(oid.prefix(2))/\(oid.dropFirst(2).prefix(2))/\(oid)")
    }

    func asked() async throws -> LFSRequests { LFSRequests(all: try await hub.asked()) }

    /// Downloads from the server's storage.
    func gets() async throws -> [HubProcess.Asked] { try await asked().linked.filter { $0.method == "GET" } }
}

import Foundation
import TestSupport
import Testing

/// Another Git server with LFS, as a source has one: a second local Hub, of which a private Space is the repository.
struct LFSOrigin {
    let hub: HubProcess
    /// Of the second Hub's files.
    let root: URL
    /// Unlike the Hub's own.
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

    /// `127.0.0.1:PORT`
    var host: String { hub.url.replacing("http://", with: "") }
    var remote: String { hub.url + "/spaces/me/src" }
    var lfs: String { remote + ".git/info/lfs" }
    private var remoteWithToken: String { remote.replacing("http://", with: "http://u:\(Self.token)@") }

    /// A `[source]` section for it, in the user's settings.
    func allow(in scene: Scene) throws {
        try scene.folder.write(
            "home/.config/spacesync/config",
            "[source \"\(hub.url)\"]\n\ttoken = file:\(scene.folder.path)/source-token\n")
        try scene.folder.write("source-token", Self.token + "\n")
    }

    /// Takes in a source, pointers and objects, by git and git-lfs.
    func take(_ source: Repository) async throws {
        try await source.git("config", "lfs.\(lfs).locksverify", "false")
        // git-lfs asks for the credentials of its server apart from those of the remote.
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

    /// Downloads from its storage.
    func gets() async throws -> [HubProcess.Asked] { try await asked().linked.filter { $0.method == "GET" } }
}

import Foundation
import TestSupport
import Testing

/// Hooks on other Git servers: gitolite's way of calling hooks, and HTTPS behind nginx.
struct HookGitHostTests {
    /// gitolite links each repository's hooks to a common directory, runs ssh logins with a forced
    /// command, denies other users access to files, and passes the user's name in GL_USER
    /// (https://gitolite.com/gitolite/non-core.html).
    @Test func `hooks shared by links deploy each repository's own Spaces`() async throws {
        let hook = try await HookScene(copied: false)
        try await hook.bare.git("config", "--unset", "core.hooksPath")
        let folder = hook.scene.folder
        let common = folder.url.appending(path: "common/hooks")
        try FileManager.default.createDirectory(at: common, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: PackageRoot.url.appending(path: "hooks/post-receive"),
            to: common.appending(path: "post-receive"))
        try folder.write("token", Scene.token + "\n")
        let other = Repository(url: folder.url.appending(path: "other.git"), home: hook.bare.home)
        try await hook.work.git("init", "-q", "--bare", "-b", "webai2hf", other.url.path)
        for (repository, space) in [(hook.bare, "me/demo"), (other, "me/other")] {
            let hooks = repository.url.appending(path: "hooks")
            try? FileManager.default.removeItem(at: hooks)
            try FileManager.default.createDirectory(at: hooks, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                at: hooks.appending(path: "post-receive"),
                withDestinationURL: common.appending(path: "post-receive"))
            for (key, value) in [
                ("space.\(space).branch", "webai2hf"), ("space.\(space).create", "true"),
                ("spacesync.endpoint", hook.scene.hub.url), ("account.me.token", "file:\(folder.path)/token"),
                ("spacesync.actor", "true"),
            ] { try await repository.git("config", key, value) }
        }
        let shell =
            "umask 077; cd /; exec env -i HOME=\(folder.path) PATH=\(hook.programs.path):/usr/bin:/bin "
            + "SSH_CONNECTION='::1 1 ::1 22' GL_USER=ada GL_REPO=web GL_BINDIR=/nowhere git-receive-pack \"$@\"\n"
        try folder.write("gitolite-shell", "#!/bin/sh\n" + shell)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.path + "/gitolite-shell")
        for repository in [hook.bare, other] {
            let pushed = try await run(
                try Peer.git.found(),
                ["push", "--receive-pack=\(folder.path)/gitolite-shell", repository.url.path, "webai2hf"],
                environment: gitEnvironment(home: folder.path), directory: hook.work.url)
            #expect(pushed.status == 0 && pushed.err.contains("deployed at"), "\(pushed)")
        }
        for space in ["me/demo", "me/other"] {
            let clone = try await hook.scene.clone(space, as: space.replacing("/", with: "-"))
            #expect(try clone.text("app.py") == "print('hello')\n")
            let trailer = try await clone.git("log", "-1", "--format=%(trailers:key=Deployed-By,valueonly)")
            #expect(trailer.hasPrefix("ada@"), "\(trailer)")
        }
    }

    @Test(
        .enabled(if: Peer.nginx.isWanted, Comment(rawValue: Peer.nginx.word)),
        .enabled(if: Peer.openssl.isWanted, Comment(rawValue: Peer.openssl.word)))
    func `a pusher over HTTPS behind nginx sees the deploy's output`() async throws {
        let hook = try await HookScene()
        let root = try GitFolder()
        try await root.git("clone", "-q", "--bare", hook.bare.url.path, root.path + "/bare.git")
        let served = Repository(url: URL(fileURLWithPath: root.path + "/bare.git"), home: root.path)
        try root.write(Scene.token + "\n", to: "token")
        for (key, value) in [
            ("space.me/demo.branch", "webai2hf"), ("space.me/demo.create", "true"),
            ("spacesync.endpoint", hook.scene.hub.url), ("account.me.token", "file:\(root.path)/token"),
        ] { try await served.git("config", key, value) }
        _ = try await hook.scene.spacesync("hook", "install", served.url.path)
        let backend = try GitBackend(root)
        let front = try await TLSFront.start(before: "127.0.0.1:\(backend.port)")
        try await hook.work.git("remote", "set-url", "origin", "https://localhost:\(front.port)/bare.git")
        let pushed = try await backend.serving {
            try await hook.push(
                "webai2hf",
                changing: ["no_proxy": "*", "GIT_SSL_CAINFO": front.authority, "GIT_ALLOW_PROTOCOL": "https"])
        }
        #expect(pushed.status == 0 && pushed.err.contains("remote: -----> me/demo deployed at"), "\(pushed)")
        #expect(try await hook.scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }
}

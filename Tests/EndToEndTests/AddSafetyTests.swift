import Foundation
import TestSupport
import Testing

/// `add` reads only the caller's own working tree, never what a committed link points to.
struct AddSafetyTests {
    /// A unique value that is searched for in the output; it does not look like a credential.
    private let value = "flamingo-\(UUID().uuidString)"

    private func expectRefused(
        _ scene: Scene, _ source: Repository, _ adds: [String], status: Int32 = 3, _ words: String
    ) async throws {
        for add in adds {
            for command in ["push", "plan", "check", "export"] {
                let more = command == "push" ? ["--create"] : command == "export" ? ["out"] : []
                let run = try await scene.spacesync(
                    [command, "me/demo"] + more + ["-c", "add=\(add)"], in: source.url)
                #expect(run.status == status && run.err.contains(words), "\(command) \(add): \(run)")
                #expect(!(run.out + run.err).contains(value), "\(command) \(add)")
            }
        }
        #expect(try await scene.hub.asked().allSatisfy { !$0.path.hasSuffix("create") })
        #expect(!FileManager.default.fileExists(atPath: source.url.path + "/out"))
    }

    @Test func `add does not follow a committed symbolic link`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let home = scene.folder.path + "/home"
        try source.write(["../home/.netrc": "machine x login y password \(value)\n"])
        let files = FileManager.default
        try files.createSymbolicLink(atPath: source.url.path + "/assets", withDestinationPath: home)
        try files.createDirectory(atPath: source.url.path + "/deep/er", withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: source.url.path + "/deep/up", withDestinationPath: "../../home")
        try files.createSymbolicLink(atPath: source.url.path + "/deep/here", withDestinationPath: "er")
        try await source.git("add", "-A")
        try await source.git("commit", "-q", "-m", "Links")
        try await expectRefused(
            scene, source,
            ["assets/.netrc:x", "deep/up/.netrc:x", "deep/here/x:x", "./assets//.netrc:x"],
            "symbolic link")
        // A symbolic link itself is deployed as a symbolic link.
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "-c", "add=assets:y", "-c", "add=deep/:z",
            in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let tree = try await scene.clone("me/demo").git("ls-tree", "-r", "HEAD")
        #expect(tree.contains("120000") && !tree.contains(".netrc"), "\(tree)")
    }

    @Test func `add never reads a Git directory, whatever its spelling`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.git("config", "http.extraheader", value)
        try source.write([
            "sub/.git": "gitdir: ../.git\n", "vendor/.GIT/config": value, "vendor/git~1/config": value,
            "vendor/.git./config": value, "vendor/.g\u{200c}it/config": value, "vendor/ok.txt": "ok\n",
        ])
        try await expectRefused(
            scene, source,
            [
                ".git/config:x", ".git:x", ".git/:/x", "sub/.git:x", "vendor/.GIT/config:x",
                "vendor/git~1/config:x",
                "vendor/.git./config:x", "vendor/.g\u{200c}it/config:x", "./.git/HEAD:x",
            ], "Git directory")
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "-c", "add=vendor/:/v", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let paths = try await scene.clone("me/demo").paths().filter { $0.hasPrefix("v/") }
        #expect(paths == ["v/ok.txt"])
    }

    @Test func `add refuses a Git directory with another name`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let store = scene.folder.path + "/source/store"
        try await source.git("init", "-q", "--separate-git-dir", store)
        try await source.git("config", "http.extraheader", value)
        try source.write([".git.backup": "not one\n"])
        try await expectRefused(scene, source, ["store/config:x", "store/:/x"], "Git directory")
    }

    @Test func `add does not open a FIFO`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write(["dist/a.txt": "a\n"])
        let made = try await run("/usr/bin/mkfifo", [source.url.path + "/dist/pipe"])
        try #require(made.status == 0, "\(made)")
        try await expectRefused(
            scene, source, ["dist/pipe:x", "dist/:/x"], status: 4, "is not a file or link")
    }

    @Test func `files from add are scanned for credentials like every other file`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let made = try await run(
            try Peer.sshKeygen.found(), ["-q", "-t", "ed25519", "-N", "", "-f", scene.folder.path + "/key"],
            environment: Scene.plain)
        try #require(made.status == 0, "\(made)")
        let key = try String(contentsOfFile: scene.folder.path + "/key", encoding: .utf8)
        try source.write([
            ".gitignore": "dist/\n", "dist/key.txt": key,
            "dist/app.js": "let t = '\(CheckTests.credential)'\n",
            "dist/.env": "PASSWORD=\(value)\n", "dist/data.bin": "\0\u{1}\n" + key,
        ])
        for _ in 1...2 {
            let run = try await scene.spacesync(
                "push", "me/demo", "--create", "--json", "-c", "add=dist/:/", in: source.url)
            #expect(run.status == 9 && run.result("outcome") == "refused", "\(run)")
            let checked = try await scene.spacesync("check", "--json", "-c", "add=dist/:/", in: source.url)
            let found = checked.events("finding").filter { $0["rule"] as? String == "credential" }
            let paths = found.compactMap { $0["path"] as? String }.sorted()
            #expect(paths == [".env", "app.js", "data.bin", "key.txt"], "\(checked)")
        }
        let allowed = try await scene.spacesync(
            "push", "me/demo", "--create", "--no-wait", "-c", "add=dist/:/", "-c", "allowCredential=*",
            in: source.url)
        #expect(allowed.status == 0, "\(allowed)")
    }

    @Test func `a file sent by LFS is scanned for credentials at every push`() async throws {
        let scene = try await Scene()
        var files = Scene.files
        files[".gitattributes"] = "*.big filter=lfs diff=lfs merge=lfs -text\n"
        let source = try await scene.source(files)
        let made = try await run(
            try Peer.sshKeygen.found(), ["-q", "-t", "ed25519", "-N", "", "-f", scene.folder.path + "/key"],
            environment: Scene.plain)
        try #require(made.status == 0, "\(made)")
        let key = try String(contentsOfFile: scene.folder.path + "/key", encoding: .utf8)
        try source.write(["a.big": key, "b.bin": "\0\n" + key])
        try await source.git("-c", "filter.lfs.clean=", "-c", "filter.lfs.required=false", "add", "-A")
        try await source.git("commit", "-q", "-m", "Large")
        let once = try await scene.spacesync(
            "push", "me/other", "--create", "--no-wait", "-c", "allowCredential=*", in: source.url)
        #expect(once.status == 0, "\(once)")
        for _ in 1...2 {
            let run = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
            #expect(run.status == 9 && run.err.contains("a.big") && run.err.contains("b.bin"), "\(run)")
        }
    }

    @Test func `a settings file that is a symbolic link is not read`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try Data("[space \"me/demo\"]\n\tpassword \(value)\n".utf8).write(
            to: scene.folder.url.appending(path: "home/precious"))
        try FileManager.default.createSymbolicLink(
            atPath: source.url.path + "/.spacesync", withDestinationPath: "../home/precious")
        for command in ["push", "plan", "check"] {
            let run = try await scene.spacesync(command, in: source.url)
            #expect(run.status == 3 && run.err.contains("not a regular file"), "\(command): \(run)")
            #expect(!(run.out + run.err).contains(value), "\(command)")
        }
    }
}

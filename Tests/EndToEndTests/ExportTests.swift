import Foundation
import TestSupport
import Testing

/// `export`: the files that a push would send.
struct ExportTests {
    /// Returns names, modes, contents and link targets below a folder.
    private func listing(_ folder: URL) async throws -> String {
        let script = """
            find . -path ./.git -prune -o \\( -type f -o -type l \\) -printf '%m %y %p %l\\n' | sort
            find . -path ./.git -prune -o -type f -print | sort | xargs -r sha1sum
            """
        return try await run(
            "/bin/sh", ["-c", script], environment: Scene.plain, directory: folder
        ).out
    }

    private func outside(_ scene: Scene) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: scene.folder.path))
    }

    @Test func `an export has the same files as a push`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try source.write(["bin/run": "#!/bin/sh\n", "docs/a.md": "a\n"])
        for (link, target) in [("inner", "bin/run"), ("outer", "../../etc/passwd"), ("abs", "/etc/passwd")] {
            try FileManager.default.createSymbolicLink(
                atPath: source.url.path + "/" + link, withDestinationPath: target)
        }
        try await source.git("add", "-A")
        try await source.git("update-index", "--chmod=+x", "bin/run")
        try await source.git("commit", "-q", "-m", "links")
        let settings = ["--exclude", "docs/", "-c", "keep=data/"]
        _ = try await scene.spacesync(["push", "me/demo", "--create"] + settings, in: source.url)
        let space = try await scene.clone("me/demo")
        try await space.commit(["data/deep/state.json": "{}\n", "data/b": "b\n"], "state")
        try await space.git("push", "-q", "origin", "main")
        scene.dropCache()
        try await scene.hub.forget()
        let exported = try await scene.spacesync(
            ["export", "me/demo", "../out"] + settings, in: source.url)
        #expect(exported.status == 0, "\(exported)")
        #expect(exported.out == "../out\n")
        #expect(exported.err.contains("link points outside ../out: outer → ../../etc/passwd"), "\(exported)")
        #expect(exported.err.contains("link points outside ../out: abs → /etc/passwd"))
        #expect(!exported.err.contains("../out: inner"))
        let fetches = try await scene.hub.asked().filter { $0.path.hasSuffix("git-upload-pack") }
        // The branch head, its trees, the files that only the Space has, and three requests for the
        // last deploy.
        #expect(fetches.count <= 6, "\(fetches)")
        let out = scene.folder.url.appending(path: "out")
        let clone = try await scene.clone("me/demo", as: "now")
        _ = try await run("/bin/chmod", ["-R", "go-w", clone.url.path], environment: Scene.plain)
        _ = try await run("/bin/chmod", ["-R", "go-w", out.path], environment: Scene.plain)
        #expect(try await listing(out) == (try await listing(clone.url)))
        #expect(FileManager.default.isExecutableFile(atPath: out.path + "/bin/run"))
    }

    @Test func `a missing Space is exported as a new one, a public Space without a token`()
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let new = try await scene.spacesync("export", "me/new", "out/deep", in: source.url)
        #expect(new.status == 0, "\(new)")
        #expect(
            try Repository(url: source.url.appending(path: "out/deep"), home: "").text("app.py")
                == "print('hello')\n")
        _ = try await scene.spacesync(
            "push", "me/open", "--create", "--visibility", "public", in: source.url)
        let open = try await scene.spacesync(
            "export", "me/open", scene.folder.path + "/open", in: source.url, changing: ["HF_TOKEN": nil])
        #expect(open.status == 0, "\(open)")
        let answered = try await scene.spacesync("export", "me/open", "json", "--json", in: source.url)
        #expect(answered.out.contains(#""event":"exported""#) && !answered.out.contains("\njson\n"))
    }

    @Test func `a directory that is not empty is left unchanged, or replaced with --force`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let out = scene.folder.url.appending(path: "out")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        let empty = try await scene.spacesync("export", "me/demo", out.path, in: source.url)
        #expect(empty.status == 0, "\(empty)")
        try Data("mine".utf8).write(to: out.appending(path: "mine.txt"))
        let before = try await listing(out)
        let refused = try await scene.spacesync("export", "me/demo", out.path, in: source.url)
        #expect(refused.status == 2, "\(refused)")
        #expect(refused.err.contains("is not empty") && refused.err.contains("--force"))
        #expect(try await listing(out) == before)
        let forced = try await scene.spacesync("export", "me/demo", out.path, "--force", in: source.url)
        #expect(forced.status == 0, "\(forced)")
        #expect(!FileManager.default.fileExists(atPath: out.path + "/mine.txt"))
        for path in [source.url.path, scene.folder.path, scene.folder.path + "/home", "/"] {
            let spared = try await scene.spacesync("export", "me/demo", path, "--force", in: source.url)
            #expect(spared.status == 2, "\(path): \(spared)")
        }
        #expect(try await source.git("status", "--porcelain").isEmpty)
    }

    @Test func `export writes through no link and leaves no partial output`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let precious = scene.folder.url.appending(path: "precious")
        try FileManager.default.createDirectory(at: precious, withIntermediateDirectories: true)
        let link = scene.folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: precious.path)
        let through = try await scene.spacesync("export", "me/demo", link, "--force", in: source.url)
        #expect(through.status == 2 && through.err.contains("symbolic link"), "\(through)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: precious.path).isEmpty)
        // A hand-made invalid tree: a link and a directory with the same name.
        let blob = try await source.git("hash-object", "-w", "app.py")
        let target = scene.folder.url.appending(path: "target")
        try Data(precious.path.utf8).write(to: target)
        let aim = try await source.git("hash-object", "-w", target.path)
        let inner = try await tree(["100644 blob \(blob)\tx"], in: source)
        let evil = try await tree(
            ["120000 blob \(aim)\ta", "040000 tree \(inner)\ta"], in: source)
        let docker = try await source.git("rev-parse", "HEAD:Dockerfile")
        let top = try await tree(
            ["100644 blob \(docker)\tDockerfile", "040000 tree \(evil)\tsub"], in: source)
        let commit = try await source.git("commit-tree", "-m", "evil", top)
        try await source.git("update-ref", "refs/heads/evil", commit)
        let twice = try await scene.spacesync(
            "export", "me/demo", "../evil", "--branch", "evil", in: source.url)
        #expect(twice.err.contains("points outside"), "\(twice)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: precious.path).isEmpty)
        let before = try outside(scene)
        let full = try await scene.spacesync("export", "me/demo", "/proc/no", in: source.url)
        #expect(full.status == 2, "\(full)")
        #expect(try outside(scene) == before)
    }

    /// Writes a tree object with these entries, without git's validation.
    private func tree(_ lines: [String], in source: Repository) async throws -> String {
        var bytes = Data()
        for line in lines {
            let parts = line.split(separator: "\t")
            let fields = parts[0].split(separator: " ")
            bytes += Data("\(fields[0].drop { $0 == "0" }) \(parts[1])\0".utf8)
            let digits = Array(fields[2])
            bytes += Data(
                stride(from: 0, to: 40, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) })
        }
        let file = source.url.appending(path: ".git/by-hand")
        try bytes.write(to: file)
        return try await source.git("hash-object", "-t", "tree", "--literally", "-w", file.path)
    }

    @Test func `edits made on the Space are exported as a push would handle them`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        let space = try await scene.clone("me/demo")
        try await space.commit(["app.py": "print('theirs')\n"], "By hand")
        try await space.git("push", "-q", "origin", "main")
        let refused = try await scene.spacesync("export", "me/demo", "ours", in: source.url)
        #expect(refused.status == 0 && refused.err.contains("--force=drift"), "\(refused)")
        #expect(try source.text("ours/app.py") == "print('hello')\n")
        let merged = try await scene.spacesync(
            "export", "me/demo", "theirs", "-c", "drift=merge", in: source.url)
        #expect(merged.status == 0, "\(merged)")
        #expect(try source.text("theirs/app.py") == "print('theirs')\n")
    }

    @Test func `if the Hub does not respond, nothing is exported`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let before = try outside(scene)
        let offline = try await scene.spacesync(
            "export", "me/demo", "../out", in: source.url, changing: ["HF_ENDPOINT": "http://127.0.0.1:9"])
        #expect(offline.status == 75, "\(offline)")
        #expect(offline.out.isEmpty)
        #expect(try outside(scene) == before)
    }
}

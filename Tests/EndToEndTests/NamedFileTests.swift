import Foundation
import TestSupport
import Testing

/// Files that the Hub reads by name: links, other spellings and encodings in the source become what
/// the Hub expects.
struct NamedFileTests {
    private static let card = "---\ntitle: Fine\nsdk: docker\napp_port: 8000\n---\n"

    /// A source without some of the files of `Scene.source`, with other files and links.
    private func source(
        _ scene: Scene, without removed: [String] = [], _ files: [String: String] = [:],
        links: [String: String] = [:]
    ) async throws -> Repository {
        let source = try await scene.source(Scene.files.filter { !removed.contains($0.key) })
        for (name, target) in links {
            let path = source.url.appending(path: name).path
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        }
        try await source.commit(files, "Named files")
        return source
    }

    private func content(_ scene: Scene, _ path: String) async throws -> String {
        try await scene.spaceAtHub.git("show", "main:\(path)")
    }

    private func mode(_ scene: Scene, _ path: String) async throws -> String {
        String(try await scene.spaceAtHub.git("ls-tree", "main", path).prefix(6))
    }

    @Test func `a README and a Dockerfile behind symlinks are deployed as files`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md", "Dockerfile"],
            [
                "docs/README.md": Self.card + "# Real text\n",
                "deploy/Dockerfile": "FROM scratch\nEXPOSE 8000\n",
            ],
            links: ["README.md": "docs/README.md", "Dockerfile": "ops/Dockerfile", "ops": "deploy"])
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await content(scene, "README.md").hasSuffix("# Real text"))
        #expect(try await content(scene, "README.md").contains("app_port: 8000"))
        #expect(try await content(scene, "Dockerfile").hasPrefix("FROM scratch"))
        for name in ["README.md", "Dockerfile"] { #expect(try await mode(scene, name) == "100644") }
        #expect(pushed.err.contains("the file it points to, docs/README.md"), "\(pushed)")
        let again = try await scene.push(source)
        #expect(
            again.result("outcome") ?? "unchanged" == "unchanged" && again.err.contains("unchanged"),
            "\(again)")
    }

    @Test(arguments: [
        ("../outside.md", "points outside the repository"),
        ("/etc/hostname", "points outside the repository"),
        ("nowhere.md", "does not exist"), ("lib", "points to a directory"),
        ("README.md", "more than 40 steps"),
    ])
    func `a symlink that does not lead to a file of the repository is refused`(target: String, words: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await source(scene, ["lib/x": "x\n"], links: ["README.md": target])
        for command in [["push", "me/demo", "--create"], ["check", "me/demo"]] {
            let run = try await scene.spacesync(command, in: source.url)
            #expect(run.status == 6 && run.err.contains("README.md: symlink "), "\(run)")
            #expect(run.err.contains(words), "\(run)")
        }
    }

    @Test
    func `other capitalisation is accepted, and a name that the build uses is kept`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md", "Dockerfile"],
            [
                "readme.md": Self.card, "Containerfile": "FROM python:3.12-slim\nCOPY Requirements.txt .\n",
                "Requirements.txt": "flask\n",
            ])
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        let files = try await scene.spaceAtHub.git("ls-tree", "--name-only", "main").split(separator: "\n")
        #expect(files.contains("README.md") && !files.contains("readme.md"), "\(files)")
        #expect(files.contains("Dockerfile") && !files.contains("Containerfile"), "\(files)")
        #expect(files.contains("requirements.txt") && files.contains("Requirements.txt"), "\(files)")
        #expect(pushed.err.contains("README.md: renamed from readme.md"), "\(pushed)")
        #expect(try await content(scene, "README.md").contains("app_port: 8000"))
    }

    @Test func `a symlink with other capitalisation is followed relative to its own directory`() async throws
    {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md", "Dockerfile"],
            ["docs/readme.md": Self.card + "# Text\n", "docs/Dockerfile": "FROM scratch\n"],
            links: ["README.MD": "docs/readme.md", "dockerfile": "docs/Dockerfile"])
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await content(scene, "README.md").hasSuffix("# Text"))
        #expect(try await content(scene, "Dockerfile") == "FROM scratch")
    }

    @Test func `two spellings of one name are refused`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md"], ["readme.md": Self.card, "Readme.md": Self.card])
        let run = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(run.status == 6 && run.err.contains("Readme.md, readme.md"), "\(run)")
    }

    @Test func `LFS pointers of named files become files, and an attribute line excludes them from LFS`()
        async throws
    {
        let scene = try await Scene()
        _ = try Peer.gitLFS.found()
        let source = try await scene.source(Scene.files.filter { $0.key != "README.md" })
        try await source.takePointers()
        try await source.commit(
            [
                ".gitattributes": "*.md filter=lfs diff=lfs merge=lfs -text\n",
                "README.md": Self.card + "# Behind a pointer\n", "notes.md": "Notes\n",
            ], "Markdown in LFS")
        try #require(try await source.git("show", "HEAD:README.md").hasPrefix("version https://git-lfs"))
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await content(scene, "README.md").hasSuffix("# Behind a pointer"))
        #expect(try await content(scene, "notes.md").hasPrefix("version https://git-lfs"))
        #expect(try await content(scene, ".gitattributes").contains("/README.md !filter"))
        let clone = try await scene.lfsClone()
        #expect(try await clone.git("status", "--porcelain") == "")
        #expect(try clone.text("README.md").hasSuffix("# Behind a pointer\n"))
        let again = try await scene.push(source)
        #expect(again.err.contains("unchanged"), "\(again)")
        try FileManager.default.removeItem(at: source.url.appending(path: ".git/lfs/objects"))
        scene.dropCache()
        try await source.commit(["README.md": Self.card + "# Second\n"], "Second")
        try FileManager.default.removeItem(at: source.url.appending(path: ".git/lfs/objects"))
        let lost = try await scene.push(source)
        #expect(lost.status == 6 && lost.err.contains("README.md: LFS object not found"), "\(lost)")
    }

    @Test func `UTF-16, byte order marks and CRLF line ends are converted where they cause errors`()
        async throws
    {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md"],
            [
                "packages.txt": "ffmpeg\r\nlibgl1\r\n", "requirements.txt": "flask\r\n",
                ".gitattributes": "*.bin -text\r\n",
            ])
        try Data([0xff, 0xfe] + Self.card.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })
            .write(to: source.url.appending(path: "README.md"))
        try Data([0xef, 0xbb, 0xbf] + "FROM scratch\n".utf8)
            .write(to: source.url.appending(path: "Dockerfile"))
        try await source.commit([:], "Windows")
        let pushed = try await scene.push(source)
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await content(scene, "README.md").hasPrefix("---\ntitle: Fine\n"))
        #expect(try await content(scene, "Dockerfile") == "FROM scratch")
        #expect(try await content(scene, "packages.txt") == "ffmpeg\nlibgl1")
        #expect(try await content(scene, ".gitattributes") == "*.bin -text")
        #expect(try await scene.spaceAtHub.git("cat-file", "-s", "main:requirements.txt") == "7")
        #expect(pushed.err.contains("README.md: converted from UTF-16 to UTF-8"), "\(pushed)")
    }

    @Test func `a Dockerfile at another path is suggested, and no template replaces it`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md", "Dockerfile"],
            [
                "docker/Dockerfile": "FROM scratch\n", "Dockerfile.prod": "FROM scratch\n",
                ".devcontainer/Dockerfile": "FROM scratch\n", "requirements.txt": "flask\n",
            ])
        let run = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        #expect(run.status == 6 && run.err.contains("dockerfile = docker/Dockerfile"), "\(run)")
        #expect(
            run.err.contains("dockerfile = Dockerfile.prod") && !run.err.contains("devcontainer"), "\(run)")
        let named = try await scene.push(source, "--dockerfile", "docker/Dockerfile")
        #expect(named.status == 0, "\(named)")
    }

    @Test func `a dockerfile setting for a directory or a missing path is an error`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, ["docker/Dockerfile": "FROM scratch\n"], links: ["ops": "nowhere"])
        for path in ["docker", "docker/Dockerfile/x", "none"] {
            let run = try await scene.spacesync("check", "me/demo", "--dockerfile", path, in: source.url)
            #expect(run.status == 3 && run.err.contains("no such path in"), "\(run)")
        }
        let run = try await scene.spacesync("check", "me/demo", "--dockerfile", "ops", in: source.url)
        #expect(run.status == 6 && run.err.contains("symlink points to nowhere"), "\(run)")
    }

    @Test func `a submodule is deployed with its public .gitmodules, and is left out otherwise`() async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        let commit = try await source.head("HEAD")
        for name in ["vendor/lib", "other"] {
            try await source.git("update-index", "--add", "--cacheinfo", "160000,\(commit),\(name)")
        }
        let modules = """
            [submodule "lib"]
            \tpath = vendor/lib
            \turl = https://github.com/me/lib
            [submodule "other"]
            \tpath = other
            \turl = git@github.com:me/other.git

            """
        try source.write([".gitmodules": modules])
        try await source.git("add", ".gitmodules")
        try await source.git("commit", "-q", "-m", "Submodules")
        let left = try await scene.push(source)
        #expect(left.status == 0, "\(left)")
        #expect(left.err.contains("other: 2 submodules skipped (other, vendor/lib)"), "\(left)")
        let entries = { try await scene.spaceAtHub.git("ls-tree", "-r", "main") }
        #expect(try await !entries().contains("160000"))
        let taken = try await scene.push(source, "--include", ".gitmodules")
        #expect(taken.status == 0, "\(taken)")
        let tree = try await entries()
        #expect(
            tree.contains("vendor/lib") && !tree.contains("\tother") && tree.contains(".gitmodules"),
            "\(tree)")
        #expect(taken.err.contains("other: submodule skipped"), "\(taken)")
    }

    @Test func `drift --patch changes the target of a symlinked file`() async throws {
        let scene = try await Scene()
        let source = try await source(
            scene, without: ["README.md"], ["docs/README.md": Self.card + "# Text\n"],
            links: ["README.md": "docs/README.md"])
        try #require(try await scene.push(source).status == 0)
        let clone = Repository(
            url: scene.folder.url.appending(path: "clone"), home: scene.folder.path + "/home")
        try await Repository(url: scene.folder.url, home: clone.home).git(
            "clone", "-q", scene.spaceAtHub.url.path, clone.url.path)
        let text = try clone.text("README.md") + "One line more.\n"
        try await clone.commit(["README.md": text], "Edit on the Hub")
        try await clone.git("push", "-q", "origin", "HEAD:main")
        let patch = try await scene.spacesync("drift", "me/demo", "--patch", in: source.url)
        #expect(patch.out.contains("+++ b/docs/README.md"), "\(patch)")
        #expect(patch.out.contains("+One line more."), "\(patch)")
    }
}

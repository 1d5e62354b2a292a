import Foundation
import Git
import TestSupport
import Testing

@testable import SpacesModel

@Suite struct `A local source` {
    @Test func `a branch resolves to its commit`() async throws {
        let folder = try await GitFolder.repository()
        let id = try await folder.git("rev-parse", "main")
        let snapshot = try await LocalSource.open(at: folder.path).snapshot(of: "main")
        #expect(snapshot.commit.id.description == id)
        #expect(snapshot.branch == "main")
        #expect(snapshot.commit.subject == "first")
        #expect(snapshot.commit.author.name == "Ada")
        #expect(snapshot.uncommitted == 0)
    }

    @Test func `without a revision HEAD is used, also when it is detached`() async throws {
        let folder = try await GitFolder.repository()
        let source = try await LocalSource.open(at: folder.path)
        #expect(try await source.snapshot(of: nil).branch == "main")
        try await folder.git("checkout", "-q", "--detach")
        #expect(try await source.snapshot(of: nil).branch == nil)
        #expect(try await source.snapshot(of: "HEAD").commit.subject == "first")
    }

    @Test func `annotated tags and full or abbreviated commit ids resolve to a commit`() async throws {
        let folder = try await GitFolder.repository()
        try await folder.git("tag", "-a", "v1", "-m", "one")
        let id = try await folder.git("rev-parse", "main")
        let source = try await LocalSource.open(at: folder.path)
        #expect(try await source.snapshot(of: "v1").commit.id.description == id)
        #expect(try await source.snapshot(of: "v1").branch == "v1")
        #expect(try await source.snapshot(of: id).branch == nil)
        #expect(try await source.snapshot(of: String(id.prefix(8))).commit.id.description == id)
        let tag = try await folder.git("rev-parse", "v1")
        #expect(try await source.snapshot(of: tag).commit.id.description == id)
    }

    @Test func `a branch that does not exist locally is read from origin`() async throws {
        let origin = try await GitFolder.repository()
        try await origin.git("branch", "only-there")
        let folder = try GitFolder()
        try await folder.git("clone", "-q", origin.path, "copy")
        let source = try await LocalSource.open(at: folder.path + "/copy")
        #expect(try await source.snapshot(of: "only-there").branch == "only-there")
        #expect(try await source.snapshot(of: "origin/only-there").branch == "only-there")
    }

    @Test func `a missing branch is an error that suggests the most similar branch`() async throws {
        let folder = try await GitFolder.repository()
        try await folder.git("branch", "webai2hf")
        let source = try await LocalSource.open(at: folder.path)
        let failure = await #expect(throws: DeployError.self) { try await source.snapshot(of: "webai2fh") }
        #expect(failure?.kind == .source)
        #expect(failure?.hint == "did you mean webai2hf?")
        #expect(failure?.details == ["it has: main, webai2hf"])
        #expect(failure?.message.contains(folder.path) == true)
    }

    @Test func `bare repositories, subdirectories and linked work trees are opened`() async throws {
        let folder = try await GitFolder.repository(["a/b/file.txt": "x\n"])
        try await folder.git("clone", "-q", "--bare", ".", "bare.git")
        try await folder.git("worktree", "add", "-q", "linked", "-b", "other")
        let below = try await LocalSource.open(at: folder.path + "/a/b").snapshot(of: nil)
        let bare = try await LocalSource.open(at: folder.path + "/bare.git").snapshot(of: nil)
        let linked = try await LocalSource.open(at: folder.path + "/linked")
        #expect(below.commit.id == bare.commit.id)
        #expect(try await linked.snapshot(of: nil).branch == "other")
        #expect(linked.objects.directories.first?.hasSuffix(".git/objects") == true)
    }

    @Test func `uncommitted files are modified, staged and untracked ones, not ignored ones`() async throws {
        let folder = try await GitFolder.repository(["a": "1", "b": "1", ".gitignore": "*.log\n"])
        try folder.write("2", to: "a")
        try folder.write("2", to: "b")
        try await folder.git("add", "b")
        try folder.write("n", to: "new/file")
        try folder.write("n", to: "noise.log")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/.git/index"))
        let snapshot = try await LocalSource.open(at: folder.path).snapshot(of: nil)
        #expect(snapshot.uncommitted == 3)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/.git/index")) == before)
    }

    @Test func `files left out by a sparse checkout do not count as uncommitted`() async throws {
        let folder = try await GitFolder.repository(["in/a": "1", "out/b": "1"])
        try await folder.git("sparse-checkout", "set", "in")
        let snapshot = try await LocalSource.open(at: folder.path).snapshot(of: nil)
        #expect(!folder.holds("out/b"))
        #expect(snapshot.uncommitted == 0)
    }

    @Test func `a file of HEAD is read up to a size limit`() async throws {
        let folder = try await GitFolder.repository([".spacesync": "[space]\n"])
        let source = try await LocalSource.open(at: folder.path)
        #expect(try await source.file(named: ".spacesync") == Array("[space]\n".utf8))
        #expect(try await source.file(named: "absent") == nil)
        await #expect(throws: DeployError.self) { try await source.file(named: ".spacesync", limit: 3) }
    }

    @Test(arguments: [
        ("https://user:hf_x@example.org/a/b.git?x=1", "https://example.org/a/b.git"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
        ("ssh://git:pw@example.org/a", "ssh://git@example.org/a"),
        ("/srv/git/sample.git", "sample"), ("file:///srv/git/sample", "sample"), ("../up", "up"),
    ])
    func `the repository name does not contain credentials`(_ origin: String, _ shown: String) async throws {
        let folder = try await GitFolder.repository()
        try await folder.git("remote", "add", "origin", origin)
        #expect(try await LocalSource.open(at: folder.path).snapshot(of: nil).repository == shown)
    }
}

@Suite struct `A source that cannot be read` {
    @Test func `a folder that is missing or not a repository is an error`() async throws {
        let folder = try GitFolder()
        let failure = await #expect(throws: DeployError.self) { try await LocalSource.open(at: folder.path) }
        #expect(failure?.kind == .source)
        #expect(failure?.hint?.contains("git init && git add -A && git commit") == true)
        #expect(failure?.hint?.contains("--source URL") == true)
        let gone = await #expect(throws: DeployError.self) {
            try await LocalSource.open(at: folder.path + "/x")
        }
        #expect(gone?.message.hasPrefix("no such directory") == true)
    }

    @Test func `a repository without commits is an error`() async throws {
        let folder = try GitFolder()
        try await folder.git("init", "-q")
        let source = try await LocalSource.open(at: folder.path)
        for revision in [nil, "main"] {
            let failure = await #expect(throws: DeployError.self) { try await source.snapshot(of: revision) }
            #expect(failure?.message.hasSuffix("has no commit yet") == true)
            #expect(failure?.hint?.contains("git add -A && git commit") == true)
        }
    }

    @Test func `a repository with SHA-256 object ids is an error`() async throws {
        let folder = try GitFolder()
        try await folder.git("init", "-q", "--object-format=sha256")
        let failure = await #expect(throws: DeployError.self) { try await LocalSource.open(at: folder.path) }
        #expect(failure?.message.contains("SHA-256") == true)
    }

    @Test func `a repository with reftable storage is an error`() async throws {
        let folder = try await GitFolder.repository()
        try await folder.git("config", "core.repositoryformatversion", "1")
        try await folder.git("config", "extensions.refstorage", "reftable")
        let failure = await #expect(throws: DeployError.self) { try await LocalSource.open(at: folder.path) }
        #expect(failure?.message.contains("reftable") == true)
    }

    @Test(.enabled(if: geteuid() == 0))
    func `a repository of another user is an error unless safe directory allows it`() async throws {
        let folder = try await GitFolder.repository()
        for name in ["", "/.git"] { #expect(chown(folder.path + name, 12345, 12345) == 0) }
        let config = try GitFolder()
        func open(_ value: String) async throws -> SourceSnapshot {
            try config.write("[safe]\n\tdirectory = \(value)\n", to: "config")
            let files = SafeDirectories.files([config.path + "/config"])
            return try await LocalSource.open(at: folder.path, trusting: files).snapshot(of: nil)
        }
        let failure = await #expect(throws: DeployError.self) { try await open("/elsewhere") }
        #expect(failure?.kind == .source)
        #expect(failure?.hint?.contains("git config --global --add safe.directory") == true)
        #expect(try await open("*").branch == "main")
        #expect(try await open(folder.path).branch == "main")
        await #expect(throws: DeployError.self) { try await open("*\n\tdirectory =") }
    }

    @Test func `a blob missing from a partial clone is an error whose hint is to fetch`() async throws {
        let origin = try await GitFolder.repository(["file": "content\n"])
        try await origin.git("config", "uploadpack.allowFilter", "true")
        let folder = try GitFolder()
        try await folder.git(
            "clone", "-q", "--no-checkout", "--filter=blob:none", "file://" + origin.path, "part")
        let source = try await LocalSource.open(at: folder.path + "/part")
        let snapshot = try await source.snapshot(of: nil)
        let cache = Cache(at: folder.path + "/cache")
        let store = try await cache.store(for: "https://example.org/x", joining: [source.objects])
        let entry = try #require(try await store.entries(of: snapshot.commit.tree).first)
        let failure = await #expect(throws: DeployError.self) { try await store.content(of: entry.id) }
        #expect(failure?.kind == .source)
        #expect(failure?.message.contains("partial clone") == true)
        #expect(failure?.hint?.contains("fetch --refetch --no-filter origin") == true)
        try await folder.git("-C", "part", "fetch", "-q", "--refetch", "--no-filter", "origin")
        let again = try await cache.store(for: "https://example.org/x", joining: [source.objects])
        #expect(try await again.content(of: entry.id) == Array("content\n".utf8))
    }

    @Test func `a corrupt reference is an error with git fsck as hint`() async throws {
        let folder = try await GitFolder.repository()
        try folder.write("0123456789\n", to: ".git/refs/heads/main")
        let source = try await LocalSource.open(at: folder.path)
        let failure = await #expect(throws: DeployError.self) { try await source.snapshot(of: "main") }
        #expect(failure?.kind == .source)
        #expect(failure?.hint?.contains("fsck") == true)
    }
}

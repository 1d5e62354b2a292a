import Foundation
import Git
import HTTP
import TestSupport
import Testing

@testable import SpacesModel

/// A Space served by Git's own server, with the HTTP client and cache that a deploy needs.
struct SpaceScene {
    let folder: GitFolder
    let backend: GitBackend
    let client: HTTPClient
    let cache: Cache

    /// - Parameter history: number of commits on the Space before the deploy; 0 for an empty repository.
    init(history: Int = 2, files: [String: String] = ["README.md": "# Space\n", "app/main.py": "1\n"])
        async throws
    {
        folder = try GitFolder()
        try await folder.git("init", "-q", "--bare", "-b", "main", "space")
        if history > 0 { try await Self.fill(folder, history, files) }
        for setting in ["http.receivepack", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
            try await folder.git("-C", "space", "config", setting, "true")
        }
        backend = try GitBackend(folder)
        var options = HTTPClientOptions()
        options.retries = 0
        client = HTTPClient(options)
        cache = Cache(at: folder.path + "/cache")
    }

    /// Creates the history with `git fast-import`, because it writes thousands of commits quickly.
    private static func fill(_ folder: GitFolder, _ history: Int, _ files: [String: String]) async throws {
        var stream = ""
        for number in 1...history {
            let note = "commit \(number)"
            stream +=
                "commit refs/heads/main\ncommitter Ada <ada@example.org> \(1_700_000_000 + number) +0000\n"
            stream += "data \(note.utf8.count)\n\(note)\n"
            for (name, text) in files.merging(["log/\(number % 50).txt": note], uniquingKeysWith: { $1 }) {
                stream += "M 100644 inline \(name)\ndata \(text.utf8.count)\n\(text)\n"
            }
        }
        try await folder.git("-C", "space", "fast-import", "--quiet", input: stream)
    }

    func store() async throws -> ObjectStore {
        try await cache.store(for: backend.url("space").absoluteString)
    }

    func space(_ store: ObjectStore, meter: TrafficCounter? = nil, isWritable: Bool = true) -> GitSpace {
        GitSpace(
            at: backend.url("space"), named: "me/space", store: store, client: client,
            authorization: Secret("hf_none").map { .basic(user: "user", password: $0) }, meter: meter,
            isWritable: isWritable, cache: cache)
    }

    /// Replaces one file in the root directory; returns the new commit and the objects to push with it.
    func change(
        _ name: Path, to text: String, on head: Commit?, in store: ObjectStore
    ) async throws -> (ObjectID, [PackObject]) {
        let before: [TreeEntry]
        if let head { before = try await store.entries(of: head.tree) } else { before = [] }
        let blob = try await store.write(blob: Array(text.utf8))
        let entries = before.filter { $0.name != name } + [TreeEntry(name: name, kind: .file, id: blob)]
        let tree = try await store.write(tree: entries)
        let who = Signature(name: "Ada", email: "ada@example.org", time: 1_800_000_000)
        let draft = CommitDraft(
            tree: tree, parents: head.map { [$0.id] } ?? [], author: who, committer: who, message: "deploy\n")
        return (try await store.write(commit: draft), [PackObject(tree), PackObject(blob)])
    }

    func head() async throws -> String { try await folder.git("-C", "space", "rev-parse", "main") }
}

@Suite struct `A deploy over the wire` {
    @Test func `a deploy needs few requests and bytes, whatever the length of the history`() async throws {
        let scene = try await SpaceScene(history: 2000)
        try await scene.backend.serving {
            let (cold, store) = (TrafficCounter(), try await scene.store())
            let space = scene.space(store, meter: cold)
            let head = try #require(try await space.fetchHead(of: "main").head)
            #expect(try await head.id.description == scene.head())
            let readme = try #require(try await store.entries(of: head.tree).first { $0.name == "README.md" })
            #expect(await !store.contains(readme.id))
            try await space.fetchBlobs([readme.id])
            #expect(try await store.content(of: readme.id) == Array("# Space\n".utf8))
            let (commit, objects) = try await scene.change("app.txt", to: "new\n", on: head, in: store)
            let receipt = try await space.push(commit, with: objects, to: "main", expecting: head.id)
            #expect(receipt == .accepted(commit, remoteLines: []))
            #expect(try await scene.head() == commit.description)
            #expect(scene.backend.asked.count == 4)
            #expect(cold.requests == 4)
            #expect(cold.bytesReceived < 10_000)
            #expect(cold.bytesSent < 2_000)
            #expect(try await scene.folder.git("-C", "space", "fsck", "--full") == "")

            let (warm, again) = (TrafficCounter(), try await scene.store())
            let second = scene.space(again, meter: warm)
            let now = try #require(try await second.fetchHead(of: "main").head)
            try await second.fetchBlobs([readme.id])
            let (next, more) = try await scene.change("app.txt", to: "newer\n", on: now, in: again)
            _ = try await second.push(next, with: more, to: "main", expecting: now.id)
            #expect(try await scene.head() == next.description)
            #expect(warm.requests == 2)
        }
    }

    @Test func `every request sends the token, and no request body is compressed`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            let store = try await scene.store()
            _ = try await scene.space(store).fetchHead(of: "main")
            let asked = scene.backend.asked
            #expect(asked.allSatisfy { $0.headers["authorization"]?.hasPrefix("Basic ") == true })
            #expect(asked.allSatisfy { $0.headers["content-encoding"] == nil })
        }
    }

    @Test func `a deploy can push to an empty Space and create a new branch`() async throws {
        let scene = try await SpaceScene(history: 0)
        try await scene.backend.serving {
            let store = try await scene.store()
            let space = scene.space(store)
            #expect(try await space.fetchHead(of: "main").head == nil)
            let (commit, objects) = try await scene.change("a", to: "1", on: nil, in: store)
            let receipt = try await space.push(commit, with: objects, to: "main", expecting: nil)
            #expect(receipt == .accepted(commit, remoteLines: []))
            #expect(try await space.fetchHead(of: "dev").head == nil)
            let other = try await space.push(commit, with: objects, to: "dev", expecting: nil)
            #expect(other == .accepted(commit, remoteLines: []))
        }
    }

    @Test func `a read-only fetch does not use receive-pack`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            let store = try await scene.store()
            let head = try await scene.space(store, isWritable: false).fetchHead(of: "main").head
            #expect(try await head?.id.description == scene.head())
            #expect(scene.backend.asked.allSatisfy { !$0.target.contains("receive-pack") })
            #expect(scene.backend.asked.count == 2)
        }
    }

    @Test func `a push to a Space with new commits is stale and overwrites nothing`() async throws {
        let scene = try await SpaceScene()
        try await scene.backend.serving {
            let store = try await scene.store()
            let space = scene.space(store)
            let head = try await space.fetchHead(of: "main").head
            let (other, objects) = try await scene.change("b", to: "theirs", on: head, in: store)
            _ = try await space.push(other, with: objects, to: "main", expecting: head?.id)
            let (ours, more) = try await scene.change("a", to: "ours", on: head, in: store)
            let receipt = try await space.push(ours, with: more, to: "main", expecting: head?.id)
            #expect(receipt == .stale(actual: other))
            #expect(try await scene.head() == other.description)
        }
    }

    @Test func `the newest commits are fetched without their trees`() async throws {
        let scene = try await SpaceScene(history: 300)
        try await scene.backend.serving {
            let (meter, store) = (TrafficCounter(), try await scene.store())
            let space = scene.space(store, meter: meter)
            let commits = try await space.commits(of: "main", limit: 20)
            #expect(commits.map(\.subject) == (281...300).reversed().map { "commit \($0)" })
            #expect(await !store.contains(commits[0].tree))
            #expect(meter.bytesReceived < 6_000)
            #expect(try await space.commits(of: "main", limit: 10).count == 10)
            #expect(meter.requests == 3)
            try await space.fetchTrees(of: commits[19].id)
            #expect(try await store.entries(of: commits[19].tree).count == 3)
            #expect(try await space.commits(of: "none", limit: 10).isEmpty)
        }
    }

    @Test func `all commits of a history shorter than the limit are returned`() async throws {
        let scene = try await SpaceScene(history: 3)
        try await scene.backend.serving {
            let store = try await scene.store()
            #expect(try await scene.space(store).commits(of: "main", limit: 20).count == 3)
        }
    }

    @Test func `a refused push keeps the server's message lines`() async throws {
        let scene = try await SpaceScene()
        let hook = "#!/bin/sh\necho 'Your push was rejected.' >&2\necho 'Offending files:' >&2\nexit 1\n"
        try scene.folder.write(hook, to: "space/hooks/pre-receive")
        #expect(chmod(scene.folder.path + "/space/hooks/pre-receive", 0o755) == 0)
        try await scene.backend.serving {
            let store = try await scene.store()
            let space = scene.space(store)
            let head = try await space.fetchHead(of: "main").head
            let (commit, objects) = try await scene.change("a", to: "1", on: head, in: store)
            let receipt = try await space.push(commit, with: objects, to: "main", expecting: head?.id)
            let lines = ["Your push was rejected.", "Offending files:"]
            #expect(receipt == .refused(status: "pre-receive hook declined", remoteLines: lines))
        }
    }

    @Test(arguments: [true, false])
    func `after a failed push request the outcome is read from the remote branch`(_ done: Bool) async throws {
        let scene = try await SpaceScene()
        scene.backend.answer { asked in
            guard asked.route == "git-receive-pack" else { return .git }
            return done ? .lost : .text(status: 503, type: "text/plain", "over capacity")
        }
        try await scene.backend.serving {
            let store = try await scene.store()
            let space = scene.space(store)
            let head = try await space.fetchHead(of: "main").head
            let (commit, objects) = try await scene.change("a", to: "1", on: head, in: store)
            if done {
                let receipt = try await space.push(commit, with: objects, to: "main", expecting: head?.id)
                #expect(receipt == .accepted(commit, remoteLines: []))
            } else {
                let failure = await #expect(throws: DeployError.self) {
                    try await space.push(commit, with: objects, to: "main", expecting: head?.id)
                }
                #expect(failure?.kind == .tryLater)
                #expect(failure?.details == ["over capacity"])
            }
            #expect(scene.backend.asked.count { $0.route == "git-receive-pack" } == 1)
        }
    }
}

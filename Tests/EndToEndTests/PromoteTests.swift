import Foundation
import TestSupport
import Testing

/// `promote`: deploys what runs on one Space to another.
struct PromoteTests {
    /// me/staging runs the source, and me/demo an older version of it with its own card.
    private func stages(_ scene: Scene, card: String = "title: Live\nsdk: docker\n") async throws
        -> Repository
    {
        let source = try await scene.source(
            Scene.files.merging(Scene.quick) { $1 }.merging(["old.txt": "old\n"]) { $1 })
        try #require(try await scene.push(source).status == 0)
        try await scene.clone("me/demo", as: "card").publish(["README.md": "---\n\(card)---\n# Demo\n"])
        try await source.git("rm", "-q", "old.txt")
        try await source.commit(["app.py": "print(2)\n", "lib/a.txt": "a\n"], "Second")
        try await deploy(source, to: "me/staging", scene)
        return source
    }

    private func deploy(_ source: Repository, to space: String, _ scene: Scene) async throws {
        let pushed = try await scene.spacesync("push", space, "--create", in: source.url)
        try #require(pushed.status == 0, "\(pushed)")
    }

    private func promote(
        _ scene: Scene, _ flags: String..., changing: [String: String?] = [:]
    ) async throws -> Finished {
        try await scene.spacesync(["promote", "me/staging", "me/demo", "--json"] + flags, changing: changing)
    }

    @Test func `promote deploys the source Space's running tree, with the target's own card`() async throws {
        let scene = try await Scene()
        let source = try await stages(scene)
        let done = try await promote(scene)
        #expect(done.status == 0 && done.result("outcome") == "deployed", "\(done)")
        #expect(done.result("source_commit") == (try await source.head()))
        let (here, there) = (
            try await scene.clone("me/demo"), try await scene.clone("me/staging", as: "there")
        )
        #expect(try await here.paths() == there.paths())
        let files = try await here.git("ls-tree", "-r", "HEAD").split(separator: "\n")
        let theirs = Set(try await there.git("ls-tree", "-r", "HEAD").split(separator: "\n"))
        #expect(files.filter { !theirs.contains($0) }.map { $0.hasSuffix("README.md") } == [true])
        #expect(try here.text("README.md") == "---\ntitle: Live\nsdk: docker\n---\n# Demo\n")
        let message = try await here.git("log", "-1", "--format=%B")
        #expect(message.contains("\nSource-Commit: \(try await source.head())"))
        #expect(message.contains("\nPromoted-From: me/staging@\(try await there.head())"), "\(message)")
        try await scene.checkSpace()
        let again = try await promote(scene)
        #expect(again.status == 0 && again.result("outcome") == "unchanged", "\(again)")
        // A promotion can be rolled back like any deploy.
        let back = try await scene.rollback("--no-wait")
        #expect(back.status == 0, "\(back)")
        #expect(try await scene.clone("me/demo", as: "back").text("old.txt") == "old\n")
    }

    @Test func `LFS files are promoted too, and a new Space also gets the card`() async throws {
        let scene = try await Scene()
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        try source.write(bytes: ["logo.png": .noise(50_000)])
        try await source.commit([:], "A logo")
        try await deploy(source, to: "me/staging", scene)
        let none = try await promote(scene)
        #expect(
            none.status == 6 && none.result("hint")?.contains("promote me/staging me/demo --create") == true,
            "\(none)")
        let done = try await promote(scene, "--create")
        #expect(done.status == 0, "\(done)")
        #expect(try scene.objects() == scene.objects(of: "me/staging"))
        #expect(try scene.objects().count == 1)
        let there = try await scene.clone("me/staging", as: "there")
        #expect(try await scene.tree(of: "main") == there.head("HEAD^{tree}"))
        try await scene.checkSpace()
    }

    @Test func `edits made on the target Space are not overwritten silently`() async throws {
        let scene = try await Scene()
        _ = try await stages(scene)
        try await scene.clone("me/demo", as: "hub-side").publish(["hand.txt": "1\n"])
        let refused = try await promote(scene, "--no-wait")
        #expect(refused.status == 9 && refused.result("message")?.contains("hand.txt") == true, "\(refused)")
        let hint = try #require(refused.result("hint"))
        #expect(hint.contains("spacesync promote me/staging me/demo --force=drift"), "\(hint)")
        #expect(!hint.contains("spacesync push"), "\(hint)")
        #expect(try await promote(scene, "--no-wait", "--drift", "merge").status == 0)
        #expect(try await scene.clone("me/demo").text("hand.txt") == "1\n")
    }

    @Test func `a different SDK is refused, and with force the other card is used`() async throws {
        let scene = try await Scene()
        _ = try await stages(scene, card: "title: Live\nsdk: static\n")
        let refused = try await promote(scene, "--no-wait")
        #expect(
            refused.status == 9 && refused.result("hint")?.contains("--force=drift,sdk") == true, "\(refused)"
        )
        #expect(try await promote(scene, "--no-wait", "--force=drift,sdk").status == 0)
        #expect(try await scene.clone("me/demo").text("README.md").contains("sdk: docker"))
    }

    @Test func `promote uses the running commit, not one that is still building`() async throws {
        let scene = try await Scene()
        let source = try await stages(scene)
        try await source.commit([".hub.json": #"{"build":{"seconds":60}}"#, "app.py": "print(3)\n"], "Third")
        let pushed = try await scene.spacesync("push", "me/staging", "--no-wait", in: source.url)
        try #require(pushed.status == 0, "\(pushed)")
        let done = try await promote(scene, "--no-wait")
        #expect(done.status == 0, "\(done)")
        #expect(try await scene.clone("me/demo").text("app.py") == "print(2)\n")
    }

    @Test func `a Space that is not running or missing cannot be promoted`() async throws {
        let scene = try await Scene()
        _ = try await stages(scene)
        let commits = try await scene.commits()
        try await scene.set("BUILD_ERROR", of: "me/staging")
        let broken = try await promote(scene)
        #expect(broken.status == 6 && broken.result("message")?.contains("BUILD_ERROR") == true, "\(broken)")
        let unknown = try await scene.spacesync("promote", "me/nothing", "me/demo")
        #expect(unknown.status == 6 && !unknown.err.contains("--create"), "\(unknown)")
        #expect(try await scene.spacesync("promote", "me/demo", "me/demo").status == 2)
        #expect(try await scene.spacesync("promote", "me/demo").status == 2)
        let planned = try await scene.spacesync("promote", "me/demo", "me/staging", "-n")
        #expect(planned.status == 0 && planned.out.contains("old.txt"), "\(planned)")
        #expect(try await scene.commits() == commits)
    }

    @Test func `each Space is accessed with the token of its own account`() async throws {
        let scene = try await Scene(hub: ["--token", "of-ada=ada:write", "--token", "of-bob=bob:write"])
        let users: [String: String?] = ["HF_TOKEN": nil, "HF_USER": "ada:of-ada,bob:of-bob"]
        let source = try await scene.source(Scene.files.merging(Scene.quick) { $1 })
        try source.write(bytes: ["logo.png": .noise(5000)])
        try await source.commit([:], "A logo")
        let pushed = try await scene.spacesync(
            "push", "ada/staging", "--create", in: source.url, changing: users)
        try #require(pushed.status == 0, "\(pushed)")
        let done = try await scene.spacesync(
            "promote", "ada/staging", "bob/web", "--create", changing: users)
        #expect(done.status == 0, "\(done)")
        #expect(try scene.objects(of: "bob/web").count == 1)
        let blind = try await scene.spacesync(
            "promote", "ada/staging", "bob/web", changing: ["HF_TOKEN": nil, "HF_USER": "bob:of-bob"])
        #expect(blind.status == 6 && blind.err.contains("ada/staging"), "\(blind)")
    }
}

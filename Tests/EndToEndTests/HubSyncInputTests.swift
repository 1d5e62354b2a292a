import Foundation
import TestSupport
import Testing

/// The Action with the inputs of huggingface/hub-sync, as a workflow has them whose `uses` line alone was
/// changed.
@Suite(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
struct HubSyncInputTests {
    private let scene: Scene
    private let release: TestRelease

    init() async throws {
        scene = try await Scene()
        release = try await TestRelease.start()
    }

    private func action(_ inputs: [String: String], in source: Repository) async throws -> ActionRun {
        let required = [
            "github_repo_id": "owner/web", "huggingface_repo_id": "me/demo", "hf_token": Scene.token,
        ]
        return try await scene.action(
            required.merging(inputs) { $1 }, in: source.url, release: release)
    }

    private func isPrivate() async throws -> Bool? {
        try await scene.hub.json("/spaces/me/demo")["private"] as? Bool
    }

    private func notices(_ run: ActionRun) -> [String] {
        WorkflowRunner(run.finished.out).named("notice").map(\.message)
    }

    @Test func `a missing Space is created, public, and the Action says so`() async throws {
        let source = try await scene.source(["app.py": "print('hello')\n"])
        let run = try await action([:], in: source)
        #expect(run.finished.status == 0 && run.outputs["outcome"] == "deployed", "\(run)")
        #expect(try await isPrivate() == false)
        #expect(notices(run) == ["me/demo did not exist and was created; it is public (input private)"])
        #expect(run.summary.components(separatedBy: "###").count == 2, "the push alone: \(run)")
        // The default of space_sdk.
        #expect(try await scene.hub.json("/spaces/me/demo")["sdk"] as? String == "gradio")
        #expect(try await scene.clone("me/demo").text("app.py") == "print('hello')\n")
    }

    @Test func `the README decides over space_sdk, as with hub-sync`() async throws {
        let run = try await action(
            ["space_sdk": "static", "private": "true"], in: try await scene.source())
        #expect(run.finished.status == 0 && run.outputs["outcome"] == "deployed", "\(run)")
        #expect(try await isPrivate() == true)
        #expect(notices(run) == ["me/demo did not exist and was created; it is private (input private)"])
        #expect(try await scene.hub.json("/spaces/me/demo")["sdk"] as? String == "docker")
    }

    @Test func `space_sdk and private do not change an existing Space`() async throws {
        let source = try await scene.source()
        let made = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(made.status == 0, "\(made)")
        let run = try await action(["space_sdk": "gradio", "private": "false"], in: source)
        #expect(run.finished.status == 0 && run.outputs["outcome"] == "unchanged", "\(run)")
        #expect(try await isPrivate() == true && notices(run).isEmpty, "\(run)")
        #expect(try await scene.hub.json("/spaces/me/demo")["sdk"] as? String == "docker")
    }

    @Test func `a Space that cannot be created is an error annotation`() async throws {
        let run = try await action(["hf_token": "hf_read_only"], in: try await scene.source())
        #expect(run.finished.status == 5, "\(run)")
        let errors = WorkflowRunner(run.finished.err).named("error")
        #expect(errors.count == 1 && run.outputs["outcome"] == "", "\(run)")
    }

    @Test func `another repo_type is one error, and hf_version a notice`() async throws {
        let source = try await scene.source()
        let dataset = try await action(["repo_type": "dataset"], in: source)
        #expect(dataset.finished.status == 2, "\(dataset)")
        let errors = WorkflowRunner(dataset.finished.out).named("error").map(\.message)
        #expect(
            errors == [
                "repo_type is dataset, and spacesync deploys only to Spaces: keep hub-sync for this repository"
            ])
        #expect(try await scene.hub.asked().isEmpty)
        let version = try await action(["hf_version": "1.2.3", "repo_type": "space"], in: source)
        #expect(version.finished.status == 0, "\(version)")
        #expect(notices(version).first == "hf_version has no effect: spacesync does not use hf")
    }

    @Test func `untracked files are named with the line that deploys them, and the line works`() async throws
    {
        let files = Dictionary(uniqueKeysWithValues: Scene.files.map { ("web/\($0)", $1) })
        let source = try await scene.source(files.merging([".gitignore": "dist/\n"]) { $1 })
        try source.write(["web/dist/index.js": "1\n", "web/new.txt": "2\n", "other.txt": "3\n"])
        let run = try await action(["subdirectory": "./web/"], in: source)
        #expect(run.finished.status == 0, "\(run)")
        let notice = try #require(notices(run).first { $0.hasPrefix("not deployed, because Git") })
        #expect(notice.contains("\n  web/dist/\n  web/new.txt\n"), "\(notice)")
        #expect(!notice.contains("other.txt"), "it is not below subdirectory: \(notice)")
        let settings = notice.split(separator: "\n").drop { !$0.contains("[space ") }.joined(separator: "\n")
        try source.write([".spacesync": settings + "\n"])
        let again = try await action(["subdirectory": "./web/"], in: source)
        #expect(again.finished.status == 0, "\(again)")
        let paths = Set(try await scene.clone("me/demo").paths())
        #expect(paths.isSuperset(of: ["dist/index.js", "new.txt", "app.py"]), "\(settings)\n\(paths)")
    }
}

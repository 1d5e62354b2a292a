import TestSupport
import Testing

/// Hints of guards and read-only commands: each suggested command works as printed.
struct DriftWordingTests {
    @Test func `a changed SDK is refused with the commands for both choices`() async throws {
        let demo = try await DriftScene([:])
        try await demo.source.commit(
            ["README.md": "---\ntitle: Demo\nsdk: gradio\napp_file: app.py\n---\n# Demo\n"], "Gradio")
        let refused = try await demo.push()
        #expect(refused.status == 9, "\(refused)")
        #expect(refused.err.contains("me/demo is a docker Space; the source sets gradio"), "\(refused)")
        #expect(
            refused.err.contains(
                "hint: to keep it a docker Space: spacesync push me/demo --no-wait --sdk docker\n"),
            "\(refused)")
        #expect(
            refused.err.contains("to make it a gradio Space: spacesync push me/demo --no-wait --force=sdk\n"),
            "\(refused)")
        let kept = try await demo.push("--sdk", "docker")
        #expect(kept.status == 0, "\(kept)")
        let named = try await demo.push("--sdk", "gradio")
        #expect(named.status == 9 && named.err.contains("the setting sdk sets gradio"), "\(named)")
        #expect(named.err.contains("spacesync push me/demo --no-wait --sdk docker\n"), "\(named)")
    }

    @Test func `a missing Space gets a hint without flags that do not apply`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let drift = try await scene.spacesync("drift", "me/none", "--branch", "webai2hf", in: source.url)
        #expect(drift.status == 6 && drift.err.contains("Space me/none does not exist"), "\(drift)")
        #expect(
            drift.err.contains("create the Space: spacesync push me/none --branch webai2hf --create\n"),
            "\(drift)")
    }

    @Test func `suggested commands repeat the flags that were given`() async throws {
        let demo = try await DriftScene(["f": "a\n"])
        try await demo.edit(["f": "b\n"])
        let drift = try await demo.drift("--branch", "webai2hf")
        #expect(
            drift.err.contains("spacesync drift me/demo --branch webai2hf --patch | git apply\n"), "\(drift)")
    }

    @Test func `the patch command names the branch, and the top directory when run in a subdirectory`()
        async throws
    {
        let drift = try await DriftScene(["web/a.txt": "1\n"])
        try await drift.edit(["app.py": "print(9)\n"])
        try await drift.source.commit(["web/a.txt": "2\n"], "Two")
        let atTop = try await drift.push()
        #expect(atTop.err.contains("to apply them to the source (on webai2hf): "), "\(atTop)")
        #expect(atTop.err.contains("--patch | git apply\n"), "\(atTop)")
        let below = try await drift.scene.spacesync(
            "push", "me/demo", in: drift.source.url.appending(path: "web"))
        #expect(below.err.contains("--patch | git -C \(drift.source.url.path) apply\n"), "\(below)")
    }

    @Test func `no patch is suggested if it would apply nothing to the source`() async throws {
        let drift = try await DriftScene([:], ["--exclude", "notes/"])
        try await drift.edit(["notes/a.txt": "theirs\n"])
        let listed = try await drift.drift()
        #expect(
            listed.err.contains("so no patch is possible") || listed.out.contains("so no patch"),
            "\(listed)")
        #expect(!listed.err.contains("git apply") && listed.err.contains("keep = PATH"), "\(listed)")
    }
}

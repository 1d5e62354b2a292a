import Foundation
import TestSupport
import Testing

/// A `.spacesync` file that came with a push: the settings it may make, and the messages for the
/// others (design 3, Trust).
struct HookTrustTests {
    /// Pushes a branch with this `.spacesync`.
    private func push(_ hook: HookScene, _ settings: String) async throws -> Finished {
        try await hook.work.commit([".spacesync": settings], "Bind")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0, "\(pushed)")
        return pushed
    }

    @Test func `a pushed branch cannot change a binding made on the server`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        _ = try await hook.push("webai2hf")
        try await hook.work.git("checkout", "-q", "-b", "feature")
        try await hook.work.commit(
            [".spacesync": "[space \"me/demo\"]\n    branch = feature\n", "app.py": "print('feature')\n"],
            "Mine")
        let feature = try await hook.push("feature")
        #expect(feature.status == 0 && !feature.err.contains("deployed at"), "\(feature)")
        #expect(try await hook.scene.clone("me/demo").text("app.py") == "print('hello')\n")
        let bound = try await hook.push("feature:webai2hf")
        #expect(
            bound.err.contains("branch of me/demo in ") && bound.err.contains("deployed at"),
            "\(bound)")
    }

    @Test func `a Space that the operator does not allow is refused with the command that allows it`()
        async throws
    {
        let hook = try await HookScene()
        let settings = "[space \"me/demo\"]\n\tbranch = webai2hf\n"
        let greedy = try await push(hook, settings + "\tcreate = true\n")
        #expect(greedy.err.contains("cannot configure this Space or set create"), "\(greedy)")
        #expect(greedy.err.contains("git config --add spacesync.trust create"), "\(greedy)")
        let refused = try await push(hook, settings)
        #expect(refused.err.contains("git config --add spacesync.allowSpace me/demo"), "\(refused)")
        #expect(try await hook.scene.hub.asked().isEmpty)
        try await hook.configure(["spacesync.allowSpace": "me/*", "space.create": "true"])
        let allowed = try await push(hook, settings + "\texclude = docs/\n")
        #expect(allowed.err.contains("remote: http://me-demo."), "\(allowed)")
    }

    @Test(arguments: [("create", "true"), ("source", "/etc"), ("visibility", "public")])
    func `a key that a pushed file may not set is refused by name`(key: String, value: String) async throws {
        let hook = try await HookScene()
        try await hook.configure(["spacesync.allowSpace": "me/demo"])
        let refused = try await push(hook, "[space \"me/demo\"]\n\tbranch = webai2hf\n\t\(key) = \(value)\n")
        #expect(refused.err.contains("git config --add spacesync.trust \(key)"), "\(refused)")
        #expect(try await hook.scene.hub.asked().isEmpty)
    }

    @Test(arguments: [
        "[spacesync]\n\tallowSpace = *\n", "[spacesync]\n\tallowForce = true\n",
        "[account \"me\"]\n\ttoken = env:HOME\n",
    ])
    func `a pushed file cannot grant itself permissions`(section: String) async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let refused = try await push(hook, section + "[space \"me/demo\"]\n\tbranch = webai2hf\n")
        #expect(refused.err.contains("a file from the source cannot set this key"), "\(refused)")
        #expect(try await hook.scene.hub.asked().isEmpty)
    }

    @Test(.timeLimit(.minutes(30)), arguments: ["fifo", "zero"])
    func `an include of an endless file is refused at once`(place: String) async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let fifo = hook.scene.folder.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let path = place == "fifo" ? fifo : "/dev/zero"
        for section in [
            "[include]", "[INCLUDE]", "[includeIf \"gitdir:/\"]", "\u{FEFF}[include]", "[ include]",
        ] {
            let refused = try await push(hook, "\(section)\n\tpath = \(path)\n")
            #expect(refused.err.contains("cannot include other files"), "\(section): \(refused)")
        }
        #expect(try await hook.scene.hub.asked().isEmpty)
    }

    @Test func `a symlink named .spacesync is not followed`() async throws {
        let hook = try await HookScene()
        try await hook.configure(["spacesync.allowSpace": "me/*", "space.create": "true"])
        let outside = try hook.scene.folder.write("outside", "[space \"me/demo\"]\n\tbranch = webai2hf\n")
        try FileManager.default.createSymbolicLink(
            at: hook.work.url.appending(path: ".spacesync"), withDestinationURL: outside)
        try await hook.work.commit([:], "Link")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(try await hook.scene.hub.asked().isEmpty)
    }
}

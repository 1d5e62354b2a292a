import Foundation
import TestSupport
import Testing

/// A `git push` that deploys several Spaces.
struct HookFleetTests {
    @Test(.timeLimit(.minutes(30)))
    func `the pusher waits once for all builds, with separate output for each`() async throws {
        let hook = try await HookScene()
        for name in ["one", "two", "three"] { try await hook.bind(name, to: "me/\(name)") }
        try await hook.configure(["spacesync.hookWait": "45s", "spacesync.jobs": "2"])
        let long = #"{"build":{"seconds":600}}"#
        try await hook.work.commit([".hub.json": long], "Long")
        for name in ["one", "two", "three"] { try await hook.work.git("branch", name) }
        let pushed = try await hook.push("one", "two", "three")
        #expect(pushed.status == 0, "\(pushed)")
        // Two pushes run at a time, and all complete, because no push waits for another one's build.
        for name in ["one", "two", "three"] {
            #expect(pushed.err.contains("me/\(name): pushed at"), "\(pushed)")
        }
        try await hook.endStories()
    }

    @Test func `a tag with the same name as a branch is bound by its full name`() async throws {
        let hook = try await HookScene()
        try await hook.bind("refs/tags/v1")
        try await hook.work.git("tag", "-a", "-m", "One", "v1")
        let branch = try await hook.push("webai2hf:refs/heads/v1")
        #expect(branch.status == 0 && !branch.err.contains("me/demo"), "\(branch)")
        let tag = try await hook.push("refs/tags/v1")
        #expect(tag.err.contains("me/demo deployed at"), "\(tag)")
        let status = try await hook.scene.spacesync("hook", "status", hook.bare.url.path)
        #expect(status.out.contains("refs/tags/v1 -> me/demo\n"), "\(status)")
    }

    @Test func `a branch and a tag of one name deploy their Space one after the other`() async throws {
        let hook = try await HookScene()
        try await hook.bind("v1")
        let pushed = try await hook.push("webai2hf:refs/heads/v1", "webai2hf:refs/tags/v1")
        #expect(pushed.status == 0, "\(pushed)")
        let ends = pushed.err.split(separator: "\n").filter {
            $0.contains("me/demo deployed at") || $0.contains("me/demo unchanged at")
        }
        #expect(ends.count == 2 && !pushed.err.contains("error:"), "\(pushed)")
    }
}

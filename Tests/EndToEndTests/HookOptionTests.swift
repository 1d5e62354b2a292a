import Foundation
import TestSupport
import Testing

/// `git push -o spacesync.…`: push options for the hook.
struct HookOptionTests {
    private func scene(drifted: Bool = false) async throws -> HookScene {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.configure(["receive.advertisePushOptions": "true"])
        guard drifted else { return hook }
        _ = try await hook.push("webai2hf")
        try await hook.scene.clone("me/demo", as: "hub-side").publish(["app.py": "print('theirs')\n"])
        try await hook.work.commit(["app.py": "print('ours')\n"], "Change")
        return hook
    }

    @Test func `a refusal names the push option that overrides it, and the option works`() async throws {
        let hook = try await scene(drifted: true)
        let refused = try await hook.push("webai2hf")
        let line = "git commit --allow-empty -m 'Deploy again' && git push -o spacesync.force=drift"
        #expect(refused.err.contains(line), "\(refused)")
        #expect(refused.err.contains("--force=drift --source \(hook.bare.url.path)"), "\(refused)")
        try await hook.work.git("commit", "-q", "--allow-empty", "-m", "Deploy again")
        let forced = try await hook.push("webai2hf", "-o", "spacesync.force=drift")
        #expect(forced.err.contains("remote: http://me-demo."), "\(forced)")
        #expect(try await hook.scene.clone("me/demo").text("app.py") == "print('ours')\n")
    }

    @Test func `with allowForce = false, the force option is ignored and the operator is named`() async throws
    {
        let hook = try await scene(drifted: true)
        try await hook.configure(["spacesync.allowForce": "false"])
        for option in ["spacesync.force", "spacesync.force=drift,deletes,sdk,history", "SPACESYNC.FORCE"] {
            let refused = try await hook.push("webai2hf", "-o", option)
            #expect(refused.err.contains("spacesync.force is ignored"), "\(refused)")
            #expect(refused.err.contains("the operator of this repository does not allow"), "\(refused)")
            #expect(!refused.err.contains("git push -o"), "\(refused)")
            try await hook.work.git("commit", "-q", "--allow-empty", "-m", "Again")
        }
        #expect(try await hook.scene.clone("me/demo").text("app.py") == "print('theirs')\n")
    }

    @Test func `on a server without push options, none is suggested`() async throws {
        let hook = try await scene(drifted: true)
        try await hook.bare.git("config", "--unset", "receive.advertisePushOptions")
        let refused = try await hook.push("webai2hf")
        #expect(!refused.err.contains("git push -o"), "\(refused)")
        #expect(refused.err.contains("on the server: spacesync push me/demo"), "\(refused)")
    }

    @Test func `push options skip, plan, or do not wait for a deploy`() async throws {
        let hook = try await scene()
        let skipped = try await hook.push("webai2hf", "-o", "spacesync.skip")
        #expect(skipped.err.contains("nothing is deployed to me/demo"), "\(skipped)")
        #expect(try await hook.scene.hub.asked().isEmpty)
        try await hook.work.commit(["app.py": "print(2)\n"], "Change")
        let planned = try await hook.push("webai2hf", "-o", "spacesync.plan")
        #expect(planned.err.contains("app.py"), "\(planned)")
        #expect(try await hook.writes().isEmpty)
        try await hook.work.commit(["app.py": "print(3)\n"], "Change")
        let free = try await hook.push("webai2hf", "-o", "spacesync.nowait")
        #expect(free.err.contains("me/demo pushed at") && !free.err.contains("Watching"), "\(free)")
    }

    @Test func `an unknown spacesync push option is reported, options of other tools are ignored`()
        async throws
    {
        let hook = try await scene()
        let pushed = try await hook.push(
            "webai2hf", "-o", "spacesync.skp", "-o", "ci.skip", "-o", "spacesync.force=drfit", "-o",
            "spacesync.plan=yes")
        #expect(
            pushed.err.contains("unknown push option \"spacesync.skp\"; did you mean spacesync.skip?"),
            "\(pushed)")
        #expect(
            pushed.err.contains("spacesync.force=drfit: unknown guard; did you mean drift?"),
            "\(pushed)")
        #expect(pushed.err.contains("spacesync.plan accepts no value"), "\(pushed)")
        #expect(!pushed.err.contains("ci.skip"), "\(pushed)")
        #expect(
            pushed.err.contains("remote: http://me-demo."),
            "what is not understood changes nothing: \(pushed)")
    }
}

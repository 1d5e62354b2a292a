import Foundation
import TestSupport
import Testing

/// A settings file from the source that sets something not allowed for one Space stops only that
/// Space (design 3, Trust).
struct HookRefusalTests {
    private let live = "[space \"me/demo\"]\n\tbranch = webai2hf\n\texclude = docs/\n"
    private let other = "[space \"you/other\"]\n\tbranch = webai2hf\n\troot = app\n\tinclude = *\n"

    private func count(_ text: String, in output: String) -> Int {
        output.components(separatedBy: text).count - 1
    }

    @Test func `a section for a disallowed Space is refused once by name, and the allowed Space is deployed`()
        async throws
    {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": live + other], "Bind")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(pushed.err.contains("remote: http://me-demo.localhost:"), "\(pushed)")
        #expect(pushed.err.contains("=====> you/other"), "\(pushed)")
        #expect(count("spacesync.allowSpace you/other", in: pushed.err) == 1, "\(pushed)")
        #expect(count("error: ", in: pushed.err) == 1, "\(pushed)")
    }

    @Test func `a disallowed section bound to another branch is not reported`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let elsewhere = other.replacing("branch = webai2hf", with: "branch = staging")
        try await hook.work.commit([".spacesync": live + elsewhere], "Bind")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
        #expect(!pushed.err.contains("you/other"), "\(pushed)")
    }

    @Test func `a refused key stops its Space, and the others are deployed`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.bind(to: "me/second")
        let greedy = "[space \"me/second\"]\n\tvisibility = public\n\twake = true\n\twake = true\n"
        try await hook.work.commit([".spacesync": live + greedy], "Bind")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("remote: http://me-demo."), "\(pushed)")
        #expect(!pushed.err.contains("remote: http://me-second."), "\(pushed)")
        #expect(pushed.err.contains("cannot set visibility, wake"), "\(pushed)")
        #expect(count("spacesync.trust wake", in: pushed.err) == 1, "\(pushed)")
    }

    @Test func `a Space named without its owner is checked against allowSpace too`() async throws {
        let hook = try await HookScene()
        try await hook.configure(["space.create": "true"])
        let short = "[space \"private\"]\n\tbranch = webai2hf\n"
        try await hook.work.commit([".spacesync": short], "Bind")
        let pushed = try await hook.push("webai2hf", changing: ["HUGGINGFACE_USERNAME": "me"])
        #expect(pushed.err.contains("spacesync.allowSpace me/private"), "\(pushed)")
        #expect(try await hook.scene.hub.asked().isEmpty)
    }

    @Test func `push of several Spaces deploys the allowed ones and exits 3 for the disallowed one`()
        async throws
    {
        let hook = try await HookScene()
        try await hook.bind("webai2hf", to: "me/demo")
        try await hook.work.commit([".spacesync": live + other], "Bind")
        _ = try await hook.work.git("push", "-q", "--no-verify", "origin", "webai2hf:elsewhere")
        try await hook.bare.git("update-ref", "refs/heads/webai2hf", "refs/heads/elsewhere")
        let pushed = try await hook.scene.spacesync("push", "--json", in: hook.bare.url)
        #expect(pushed.status == 3, "\(pushed)")
        let outcomes = pushed.events("result").map { "\($0["space"] ?? "") \($0["outcome"] ?? "")" }
        #expect(outcomes == ["me/demo deployed", "you/other refused"], "\(pushed)")
    }

    @Test(arguments: [["drift"], ["watch"], ["export", "out"]])
    func `a command for one Space reports its refused settings`(words: [String]) async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": live + "\twake = true\n"], "Greed")
        _ = try await hook.push("webai2hf")
        let line = [words[0], "me/demo"] + words.dropFirst()
        let refused = try await hook.scene.spacesync(line, in: hook.bare.url)
        #expect(refused.status == 3 && refused.err.contains("spacesync.trust wake"), "\(refused)")
    }

    @Test func `a failed build is reported without repeating its log`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let script = #"{"build": {"fail": "COPY", "exit": 1, "log": ["one", "two", "ERROR: three"]}}"#
        try await hook.work.commit([".hub.json": script], "Break")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0, "\(pushed)")
        #expect(count("failed", in: pushed.err) > 0 && count(" two", in: pushed.err) == 1, "\(pushed)")
        #expect(count("ERROR: three", in: pushed.err) == 2, "in the log, and as its first error: \(pushed)")
    }

    @Test func `hints address the pusher's clone and the operator's server`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let bare = try await hook.push("webai2hf", changing: ["HF_TOKEN": ""])
        #expect(bare.err.contains("git config account.me.token file:"), "\(bare)")
        try await hook.work.commit(["app.py": "print(2)\n"], "Change")
        _ = try await hook.push("webai2hf")
        try await hook.scene.clone("me/demo", as: "hub-side").publish(["app.py": "print(3)\n"])
        try await hook.work.commit(["app.py": "print(4)\n"], "Change again")
        let refused = try await hook.push("webai2hf")
        for line in [
            "spacesync drift me/demo --branch webai2hf:main --patch | git apply -3",
            "spacesync push me/demo --branch webai2hf:main --force=drift",
        ] { #expect(refused.err.contains(line), "\(line)\(refused)") }
    }

    @Test func `an invalid settings file deploys nothing, and the pusher sees the reason`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        try await hook.work.commit([".spacesync": "[space \"me/demo\"]\n\tbrunch = x\n"], "Typo")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.err.contains("nothing was deployed; fix the problem"), "\(pushed)")
    }

    @Test func `two thousand refused sections give a short log and a count`() async throws {
        let hook = try await HookScene()
        try await hook.bind()
        let foreign = (1...2_000).map { "[space \"y/\($0)\"]\nroot = a\n" }.joined()
        try await hook.work.commit([".spacesync": foreign], "Flood")
        let pushed = try await hook.push("webai2hf")
        #expect(pushed.status == 0 && pushed.err.contains("1900 more sections"), "\(pushed.err.suffix(2000))")
        let folder = hook.bare.url.appending(path: "spacesync/log")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let sizes = try names.map { try Data(contentsOf: folder.appending(path: $0)).count }
        #expect(sizes.reduce(0, +) < 1 << 20, "\(zip(names, sizes).map { "\($0) \($1)" })")
        let status = try await hook.scene.spacesync("hook", "status", "--json", in: hook.bare.url)
        #expect(status.status == 0 && count("\"space\":\"y/", in: status.out) <= 201, "\(status.status)")
    }
}

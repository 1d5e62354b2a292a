import Foundation
import TestSupport
import Testing

/// Outcomes and exit codes when the Hub fails in the middle of a deploy.
struct OutcomeTests {
    private func result(_ run: Finished) -> [String: Any] { run.events("result").first ?? [:] }

    private static let answers = [
        #""status":401,"body":"{\"error\":\"Invalid username or password.\"}""#,
        #""status":404,"body":"{\"error\":\"Repository not found\"}""#,
        #""status":403,"body":"{\"error\":\"Forbidden\"}""#,
        #""status":200,"headers":{"Content-Type":"text/html"},"body":"<html>Sign in</html>""#,
    ]

    @Test(.timeLimit(.minutes(30)), arguments: answers)
    func `a commit on the Space counts as pushed, whatever the Hub responds during the watch`(answer: String)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":5}}"#]) { $1 })
        try await scene.hub.fault(#"{"path":"/runtime","times":-1,\#(answer)}"#)
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--branch", "webai2hf:main", "--json", in: source.url)
        #expect(pushed.status == 75, "\(pushed)")
        let result = result(pushed)
        #expect(result["outcome"] as? String == "pushed", "\(pushed)")
        #expect((result["hint"] as? String)?.contains("spacesync watch me/demo") == true, "\(pushed)")
        #expect((result["commit"] as? String)?.count == 40, "\(pushed)")
        #expect(!pushed.out.contains("--create") && !pushed.err.contains("--create"), "\(pushed)")
    }

    @Test(.timeLimit(.minutes(30)), arguments: [408, 500, 501, 503, 599])
    func `a server whose git-upload-pack is down is a temporary failure`(status: Int) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync(
            "push", "me/demo", "--create", "--branch", "webai2hf:main", "--no-wait", in: source.url)
        #expect(first.status == 0, "\(first)")
        try FileManager.default.removeItem(atPath: scene.folder.path + "/home/.cache")
        try await scene.hub.fault(
            #"{"path":"git-upload-pack","method":"POST","status":\#(status),"body":"down","times":-1}"#)
        let plan = try await scene.spacesync(
            "plan", "me/demo", "--branch", "webai2hf:main", in: source.url,
            changing: ["SPACESYNC_RETRIES": "0"])
        #expect(plan.status == 75, "\(plan)")
    }

    @Test(.timeLimit(.minutes(30)), arguments: [(401, 5), (403, 5), (408, 75), (500, 75), (400, 6)])
    func `errors of LFS verify are distinguished: missing permission or outage`(status: Int, exit: Int32)
        async throws
    {
        let scene = try await Scene()
        let source = try await scene.source()
        try await source.commit(["data.bin": "a\u{0}b"], "Binary")
        try await scene.hub.fault(
            #"{"path":"lfs/verify","status":\#(status),"body":"no","times":-1}"#)
        let pushed = try await scene.spacesync(
            "push", "me/demo", "--create", "--branch", "webai2hf:main", "--no-wait", in: source.url,
            changing: ["SPACESYNC_RETRIES": "0"])
        #expect(pushed.status == exit, "\(pushed)")
    }

    @Test(arguments: ["soon\u{7}", "99999999999999999999", "-5", "1e9", "Wed, 21 Oct 2099 07:28:00 GMT"])
    func `an invalid Retry-After is not shown`(value: String) async throws {
        let scene = try await Scene()
        let shown = value.replacing("\u{7}", with: "\\u0007")
        try await scene.hub.fault(
            #"{"path":"/api/spaces/me/demo","status":503,"headers":{"Retry-After":"\#(shown)"},"times":-1}"#)
        let status = try await scene.spacesync(
            "status", "me/demo", changing: ["SPACESYNC_RETRIES": "0"])
        #expect(status.status == 75, "\(status)")
        #expect(!status.err.contains("retry after"), "\(status)")
    }
}

/// The time limit of a run includes reading and planning.
struct ReadingLimitTests {
    @Test(.timeLimit(.minutes(30)), arguments: ["push", "plan", "check"])
    func `a source that never responds ends at the time limit`(command: String) async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        let first = try await scene.spacesync(
            "push", "me/source", "--create", "--branch", "webai2hf:main", "--no-wait", in: source.url)
        #expect(first.status == 0, "\(first)")
        try await scene.hub.fault(
            #"{"path":"me/source/git-upload-pack","delay_ms":120000,"times":-1}"#)
        let start = ContinuousClock.now
        let run = try await scene.spacesync(
            command, "me/demo", "--source", scene.hub.url + "/spaces/me/source", "--timeout", "2s",
            changing: ["XDG_CACHE_HOME": scene.folder.path + "/fresh"])
        #expect(run.status == 8, "\(run)")
        #expect(run.err.contains("--timeout"), "\(run)")
        #expect(start.duration(to: .now) < .seconds(100), "\(run)")
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
    }
}

import Foundation
import TestSupport
import Testing

/// Rate limits of an account, and how mirror passes stay within them.
struct MirrorBudgetTests {
    /// A fleet of `count` Spaces of one source.
    private func fleet(_ scene: Scene, _ count: Int) async throws -> Fleet {
        let source = try await Fleet.source(scene, "one", build: #"{"seconds":0}"#)
        var fleet = Fleet(scene)
        for number in 11..<11 + count { fleet.add("me/t\(number)", from: source) }
        return fleet
    }

    private func spaces(_ asked: [HubProcess.Asked]) -> Set<Substring> { Set(asked.compactMap(space)) }

    /// Returns the Space in the request's path; `nil` for the list of all Spaces.
    private func space(_ call: HubProcess.Asked) -> Substring? {
        call.path.split(separator: "/").first { $0.wholeMatch(of: /t\d+/) != nil }
    }

    private func firstSpace(_ asked: [HubProcess.Asked]) -> String? {
        asked.lazy.compactMap(space).first.map { String($0) }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a pass waits for the next rate-limit window before it exceeds the limit`() async throws {
        let scene = try await Scene(hub: ["--rate-limit", "24/20s"])
        let fleet = try await fleet(scene, 8)
        let run = try await scene.spacesync(
            try fleet.words("mirror", "--no-wait", "--timeout", "2m", "--verbose", jobs: 1))
        #expect(run.status == 0 && run.err.contains("pass: 8 pushed"), "\(run)")
        #expect(
            run.err.contains(/me\/t\d+ waits \d+s: 127.0.0.1 accepts only \d+ more requests until then/),
            "\(run.err)"
        )
        let asked = try await scene.hub.asked()
        #expect(asked.count > 24 && !asked.contains { $0.status == 429 }, "\(asked)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `targets that exceed the rate-limit window are deferred to the next pass, which starts with them`()
        async throws
    {
        let scene = try await Scene(hub: ["--rate-limit", "40/120s"])
        let fleet = try await fleet(scene, 10)
        let words = try fleet.words("mirror", "--no-wait", "--timeout", "20s", "--json", jobs: 1)
        // Starts early in a window, so that its end is too late for this pass.
        _ = await eventually { Int(Date().timeIntervalSince1970) % 120 < 40 }
        let first = try await scene.spacesync(words)
        #expect(first.status == 75, "\(first)")
        let last = try #require(first.events.last)
        let deferred = try #require(last["deferred"] as? Int), pushed = 10 - deferred
        #expect(last["event"] as? String == "pass" && deferred > 0 && pushed > 0, "\(last)")
        #expect((last["outcomes"] as? [String: Int]) == ["failed": deferred, "pushed": pushed])
        #expect(
            first.events("warning").count { "\($0)".contains("deferred to a later pass") } == 1,
            "\(first.out)")
        let asked = try await scene.hub.asked()
        #expect(!asked.contains { $0.status == 429 } && spaces(asked).count == pushed, "\(asked)")
        #expect(last["requests"] as? Int == asked.count)
        try await scene.hub.forget()
        // A new process does not know the limit before its first response, so it makes at least one request.
        let second = try await scene.spacesync(words)
        let secondRequests = try await scene.hub.asked()
        #expect(firstSpace(secondRequests) == "t\(11 + pushed)", "\(secondRequests)")
        try await scene.hub.forget()
        _ = try await scene.spacesync(words)
        let done = second.events("result").count { $0["outcome"] as? String == "pushed" }
        try #require(pushed + done < 10, "\(second)")
        let next = try await scene.hub.asked()
        #expect(firstSpace(next) == "t\(11 + pushed + done)", "who waits longest is the first")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a 429 with a long Retry-After stops all requests at once`() async throws {
        let scene = try await Scene()
        let fleet = try await fleet(scene, 40)
        try await scene.hub.fault(#"{"status":429,"headers":{"Retry-After":"4000"},"times":-1}"#)
        let run = try await scene.spacesync(try fleet.words("mirror", "--no-wait", jobs: 2))
        #expect(run.status == 75, "\(run)")
        let asked = try await scene.hub.asked()
        #expect(asked.count <= 4 && spaces(asked).count <= 2, "\(asked)")
        #expect(run.err.contains("and 33 more: deferred to a later pass: 127.0.0.1"), "\(run.err)")
        #expect(run.err.contains(/accepts no more requests for 6\dm/), "\(run.err)")
        #expect(run.err.contains("pass: 38 deferred, 2 failed"), "\(run.err)")
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        let next = try await scene.spacesync(try fleet.words("mirror", "--no-wait"))
        #expect(next.status == 0 && next.err.contains("pass: 40 pushed"), "\(next)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a 429 to a push stops further pushes, but not reads`() async throws {
        let scene = try await Scene()
        var fleet = try await fleet(scene, 4)
        let first = try await scene.spacesync(try fleet.words("mirror", "--no-wait"))
        #expect(first.status == 0, "\(first)")
        let other = try await Fleet.source(scene, "two", build: #"{"seconds":0}"#)
        for number in 15...18 { fleet.add("me/t\(number)", from: other) }
        try await scene.hub.fault(
            #"{"method":"POST","path":"git-receive-pack","status":429,"headers":{"Retry-After":"4000"},"times":-1}"#
        )
        let run = try await scene.spacesync(try fleet.words("mirror", "--no-wait", jobs: 1))
        #expect(run.status == 75 && run.err.contains("3 deferred, 1 failed, 4 unchanged"), "\(run)")
        #expect(run.err.contains(/accepts no more pushes for 6\dm/), "\(run)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a commit is counted before it is sent, across killed processes and other settings`() async throws {
        let scene = try await Scene()
        let one = try await fleet(scene, 2)
        try await scene.hub.fault(#"{"method":"POST","path":"t11/git-receive-pack","delay_ms":20000}"#)
        let run = try LiveRun.start(
            Binary.path, try one.words("mirror", "--no-wait", jobs: 1), environment: scene.environment,
            directory: scene.folder.url)
        #expect(try await eventually { try scene.passMemory().commits == 1 })
        run.send(SIGKILL)
        _ = await run.end()
        #expect(try scene.passMemory().commits == 1)
        let again = try await scene.spacesync(try one.words("mirror", "--no-wait"))
        #expect(again.status == 0 && again.err.contains("pass: 2 pushed"), "\(again)")
        #expect(try scene.passMemory().commits == 3)
        var other = Fleet(scene)
        other.add("me/else", from: scene.folder.path + "/one")
        _ = try await scene.spacesync(try other.words("mirror", "--no-wait"))
        let memory = try scene.passMemory()
        #expect(memory.commits == 4 && memory.spaces == ["me/t11", "me/t12", "me/else"], "\(memory)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a pass makes no more commits per hour than the Hub allows`() async throws {
        let scene = try await Scene()
        let fleet = try await fleet(scene, 3)
        let now = Date().timeIntervalSince1970
        let times = [Double](repeating: now - 4000, count: 50) + [Double](repeating: now - 60, count: 118)
        let memory = try JSONSerialization.data(
            withJSONObject: ["standings": [String: String](), "commits": ["me": times]])
        let path = URL(fileURLWithPath: scene.passMemoryPath)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try memory.write(to: path)
        let run = try await scene.spacesync(try fleet.words("mirror", "--no-wait", jobs: 1))
        #expect(run.status == 75 && run.err.contains("pass: 1 deferred, 2 pushed"), "\(run)")
        #expect(run.err.contains("120 commits of me in the last hour"), "\(run)")
    }
}

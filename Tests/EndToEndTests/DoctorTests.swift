import Foundation
import TestSupport
import Testing

/// `doctor` reports each check as good, or says what to do.
struct DoctorTests {
    private func checks(_ run: Finished) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for line in run.events {
            found["\(line["check"] ?? "")", default: []].append("\(line["verdict"] ?? "")")
        }
        return found
    }

    @Test func `doctor reports everything as good and changes nothing`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        _ = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try await scene.hub.forget()
        let run = try await scene.spacesync("doctor", "me/demo", "--json", in: source.url)
        #expect(run.status == 0, "\(run)")
        let found = try checks(run)
        #expect(Set(found.values.joined()) == ["good"], "\(run.out)")
        for name in ["version", "cache", "hub", "clock", "requests", "token", "source", "space"] {
            #expect(found[name] != nil, "\(name)")
        }
        #expect(try await scene.hub.asked().allSatisfy { $0.method == "GET" })
    }

    @Test func `each problem is reported with a fix and its exit code`() async throws {
        let scene = try await Scene(hub: ["--token", "only-reads=me:read"])
        let source = try await scene.source()
        try await scene.makeSpace()
        let closed = try ReservedPort()
        defer { withExtendedLifetime(closed) {} }
        let cases: [([String], [String: String?], Int32, String)] = [
            (["--branch", "nope"], [:], 4, "do: use one of these"),
            ([], ["HF_TOKEN": "only-reads"], 5, "has no write access"),
            ([], ["HF_TOKEN": "hf_expired_1"], 5, "is not valid"),
            ([], ["HF_TOKEN": nil], 5, "no token for this Space"),
            (["-c", "secret=LOST"], [:], 3, "LOST has no value, neither here nor on the Space"),
            ([], ["HF_ENDPOINT": "http://127.0.0.1:\(closed.port)"], 75, "not reachable"),
        ]
        for (flags, environment, status, words) in cases {
            let run = try await scene.spacesync(
                ["doctor", "me/demo"] + flags, in: source.url, changing: environment)
            #expect(run.status == status, "\(flags) \(environment): \(run)")
            #expect(run.out.contains(words) && run.out.contains("do: "), "\(run)")
            #expect(!(run.out + run.err).contains(Scene.token))
        }
    }

    @Test func `a token that cannot see the Space is not reported as good`() async throws {
        let scene = try await Scene(hub: ["--token", "other=you"])
        let source = try await scene.source()
        #expect(try await scene.spacesync("create", "me/demo").status == 0)
        let run = try await scene.spacesync(
            "doctor", "me/demo", in: source.url, changing: ["HF_TOKEN": "other"])
        #expect(run.out.contains("HF_TOKEN belongs to you and cannot see me/demo"), "\(run)")
        #expect(run.out.contains("git config account.me.token"), "\(run)")
    }

    @Test func `a wrong clock and a nearly exhausted rate limit are warnings`() async throws {
        let scene = try await Scene()
        try await scene.hub.fault(
            #"{"path":"/whoami-v2","status":200,"body":"{\"name\":\"me\"}","headers":"#
                + #"{"RateLimit":"\"api\";r=7;t=33","RateLimit-Policy":"\"fixed window\";\"api\";q=1000;w=300"}}"#
        )
        try await scene.hub.fault(
            #"{"path":"/api/spaces/hardware","status":200,"body":"[]","headers":{"Date":"Tue, 01 Jan 2030 00:00:00 GMT"}}"#
        )
        let run = try await scene.spacesync("doctor")
        #expect(run.status == 0, "\(run)")
        #expect(run.out.contains("behind the Hub's") && run.out.contains("7 of 1000 left for me"), "\(run)")
        #expect(run.out.split(separator: "\n").count { $0.hasPrefix("warning") } == 2, "\(run)")
    }

    @Test func `GITHUB_TOKEN is sent only to its own server`() async throws {
        let scene = try await Scene()
        let environment = ["GITHUB_TOKEN": "gh-meadow-1", "GITHUB_SERVER_URL": scene.hub.url]
        for (status, verdict) in [(200, "good"), (401, "bad")] {
            try await scene.hub.fault(#"{"path":"/api/v3/rate_limit","status":\#(status),"body":"{}"}"#)
            let run = try await scene.spacesync("doctor", changing: environment)
            #expect(run.out.contains("\(verdict)") && run.out.contains("GITHUB_TOKEN"), "\(run)")
            #expect(run.status == (status == 200 ? 0 : 5))
            #expect(!run.out.contains("meadow"))
        }
    }
}

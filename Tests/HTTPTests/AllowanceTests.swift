import Foundation
import TestSupport
import Testing
import TextTools

@testable import HTTP

/// Tests of `RateLimitTracker`: the remaining requests of an account, from response headers.
struct AllowanceTests {
    private let tracker = RateLimitTracker()
    private let now = ContinuousClock.now
    private let url: URL
    private let origin: Origin
    private let mine: Secret
    private let other: Secret

    init() throws {
        url = try #require(URL(string: "http://hub.test/api/spaces/me/a"))
        origin = try #require(Origin(url))
        (mine, other) = (try #require(Secret("mine")), try #require(Secret("other")))
    }

    private func record(
        _ limit: String?, status: Int = 200, after: String? = nil, by secret: Secret? = nil,
        to path: String = "/api/spaces/me/a", at time: Duration = .zero
    ) throws {
        let url = try #require(URL(string: "http://hub.test" + path))
        var headers: HTTPFields = ["RateLimit-Policy": "\"fixed window\";\"api\";q=1000;w=300"]
        (headers["RateLimit"], headers["Retry-After"]) = (limit, after)
        let request = HTTPClientRequest("GET", url, authorization: .bearer(secret ?? mine))
        tracker.record(status, headers, of: request, now: now + time)
    }

    private func rateLimitStatus(of secret: Secret? = nil, at time: Duration = .zero) -> RateLimitTracker
        .RateLimitStatus?
    {
        tracker.status(at: origin, of: secret ?? mine, now: now + time)
    }

    @Test func `the remaining requests are known until the window ends`() throws {
        try record("\"api\";r=12;t=41")
        let known = try #require(rateLimitStatus())
        #expect(known.remaining == 12 && known.quota == 1000 && known.renewal == now + .seconds(42))
        #expect(rateLimitStatus(at: .seconds(41)) != nil && rateLimitStatus(at: .seconds(42)) == nil)
    }

    @Test func `responses out of order do not raise the remaining count, and a new window does`() throws {
        try record("\"api\";r=12;t=41")
        try record("\"api\";r=13;t=41")
        #expect(rateLimitStatus()?.remaining == 12)
        try record("\"api\";r=999;t=299", at: .seconds(43))
        #expect(rateLimitStatus(at: .seconds(43))?.remaining == 999)
    }

    @Test func `the bucket with the fewest requests left counts, separately for each account`() throws {
        try record("\"api\";r=500;t=41, \"pages\";r=20;t=9")
        try record("\"api\";r=3;t=41", by: other)
        #expect(rateLimitStatus()?.remaining == 20)
        #expect(rateLimitStatus(of: other)?.remaining == 3)
        #expect(tracker.status(at: origin, of: nil, now: now)?.remaining == 3, "whichever is the worst off")
    }

    @Test func `a 429 blocks the account for its Retry-After time`() throws {
        try record(nil, status: 429, after: "3600")
        #expect(rateLimitStatus()?.remaining == 0 && rateLimitStatus()?.renewal == now + .seconds(3600))
        #expect(rateLimitStatus(of: other) == nil)
    }

    @Test func `a 429 to a push, with requests left, blocks only pushes`() throws {
        try record("\"api\";r=500;t=41", status: 429, after: "3600", to: "/spaces/me/a/git-receive-pack")
        #expect(rateLimitStatus()?.remaining == 500)
        #expect(tracker.pushesBlockedUntil(at: origin, of: mine, now: now) == now + .seconds(3600))
        #expect(tracker.pushesBlockedUntil(at: origin, of: mine, now: now + .seconds(3600)) == nil)
        #expect(tracker.pushesBlockedUntil(at: origin, of: other, now: now) == nil)
    }

    @Test(arguments: ["", "nothing", "\"api\"", "\"api\";r=x;t=1", "\"api\";r=1;t=99999999", "r=-1;t=5"])
    func `malformed limits are ignored`(text: String) throws {
        try record(text)
        #expect(rateLimitStatus() == nil)
    }

    @Test func `a client records the rate limit of its responses`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK", ["RateLimit: \"api\";r=7;t=30"])])
        var options = HTTPClientOptions()
        options.rateLimitTracker = tracker
        _ = try await HTTPClient(options).send(
            HTTPClientRequest("GET", server.url(), authorization: .bearer(mine)))
        let serverOrigin = try #require(Origin(server.url()))
        #expect(tracker.status(at: serverOrigin, of: mine)?.remaining == 7)
    }
}

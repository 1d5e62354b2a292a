import Foundation
import TestSupport
import Testing
import TextTools

@testable import HTTP

/// What an account has left, by what answers say.
struct AllowanceTests {
    private let allowance = RateLimitTracker()
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

    private func note(
        _ limit: String?, status: Int = 200, after: String? = nil, by secret: Secret? = nil,
        to path: String = "/api/spaces/me/a", at time: Duration = .zero
    ) throws {
        let url = try #require(URL(string: "http://hub.test" + path))
        var headers: HTTPFields = ["RateLimit-Policy": "\"fixed window\";\"api\";q=1000;w=300"]
        (headers["RateLimit"], headers["Retry-After"]) = (limit, after)
        let request = HTTPClientRequest("GET", url, authorization: .bearer(secret ?? mine))
        allowance.record(status, headers, of: request, now: now + time)
    }

    private func standing(of secret: Secret? = nil, at time: Duration = .zero) -> RateLimitTracker
        .RateLimitStatus?
    {
        allowance.status(at: origin, of: secret ?? mine, now: now + time)
    }

    @Test func `what is left is known until the window is over`() throws {
        try note("\"api\";r=12;t=41")
        let known = try #require(standing())
        #expect(known.remaining == 12 && known.quota == 1000 && known.renewal == now + .seconds(42))
        #expect(standing(at: .seconds(41)) != nil && standing(at: .seconds(42)) == nil)
    }

    @Test func `answers that overtake one another give nothing back, a new window does`() throws {
        try note("\"api\";r=12;t=41")
        try note("\"api\";r=13;t=41")
        #expect(standing()?.remaining == 12)
        try note("\"api\";r=999;t=299", at: .seconds(43))
        #expect(standing(at: .seconds(43))?.remaining == 999)
    }

    @Test func `the scarcest bucket counts, and each account for itself`() throws {
        try note("\"api\";r=500;t=41, \"pages\";r=20;t=9")
        try note("\"api\";r=3;t=41", by: other)
        #expect(standing()?.remaining == 20)
        #expect(standing(of: other)?.remaining == 3)
        #expect(allowance.status(at: origin, of: nil, now: now)?.remaining == 3, "whichever is the worst off")
    }

    @Test func `a 429 closes the account for as long as it says`() throws {
        try note(nil, status: 429, after: "3600")
        #expect(standing()?.remaining == 0 && standing()?.renewal == now + .seconds(3600))
        #expect(standing(of: other) == nil)
    }

    @Test func `a 429 to a push, with requests left, closes pushes alone`() throws {
        try note("\"api\";r=500;t=41", status: 429, after: "3600", to: "/spaces/me/a/git-receive-pack")
        #expect(standing()?.remaining == 500)
        #expect(allowance.pushesBlockedUntil(at: origin, of: mine, now: now) == now + .seconds(3600))
        #expect(allowance.pushesBlockedUntil(at: origin, of: mine, now: now + .seconds(3600)) == nil)
        #expect(allowance.pushesBlockedUntil(at: origin, of: other, now: now) == nil)
    }

    @Test(arguments: ["", "nothing", "\"api\"", "\"api\";r=x;t=1", "\"api\";r=1;t=99999999", "r=-1;t=5"])
    func `what is no limit says nothing`(text: String) throws {
        try note(text)
        #expect(standing() == nil)
    }

    @Test func `a client writes it into its books`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK", ["RateLimit: \"api\";r=7;t=30"])])
        var options = HTTPClientOptions()
        options.rateLimitTracker = allowance
        _ = try await HTTPClient(options).send(
            HTTPClientRequest("GET", server.url(), authorization: .bearer(mine)))
        let place = try #require(Origin(server.url()))
        #expect(allowance.status(at: place, of: mine)?.remaining == 7)
    }
}

import Foundation
import TestSupport
import Testing

@testable import HTTP
@testable import LocalHub

struct AccessTests {
    private func prepared(_ work: (Rehearsal) async throws -> Void) async throws {
        try await Rehearsal.run(
            { options in
                options.tokens = [TokenEntry("hf_bob=bob:write"), TokenEntry("hf_carl=carl:read")].compactMap
                { $0 }
                options.organizations = ["team": ["me"]]
            }, work)
    }

    @Test func `whoami returns user, role and organisations, and refuses invalid tokens`() async throws {
        try await prepared { hub in
            let me = try await hub.ask("GET", "/api/whoami-v2").json
            #expect(me["name"] == "me" && me["auth"]["accessToken"]["role"] == "write")
            #expect(me["orgs"].array?.first?["name"] == "team")
            let carl = try await hub.ask("GET", "/api/whoami-v2", token: "hf_carl").json
            #expect(carl["name"] == "carl" && carl["auth"]["accessToken"]["role"] == "read")
            for token in ["", "hf_expired_1", "hf_wrong"] {
                #expect(try await hub.ask("GET", "/api/whoami-v2", token: token).status == 401)
            }
        }
    }

    @Test func `a private Space is 401 without a token and 404 for another user`() async throws {
        try await prepared { hub in
            _ = try await hub.ask(
                "POST", "/api/repos/create",
                ["name": "demo", "type": "space", "sdk": "docker", "private": true])
            let anonymous = try await hub.ask("GET", "/api/spaces/me/demo", token: "")
            #expect(anonymous.status == 401 && anonymous.json["error"] == "Invalid username or password.")
            let bob = try await hub.ask("GET", "/api/spaces/me/demo", token: "hf_bob")
            #expect(
                bob.status == 404 && bob.fields["X-Error-Code"] == "RepoNotFound")
            #expect(try await hub.ask("GET", "/api/spaces/me/demo").status == 200)
            #expect(try await hub.ask("GET", "/api/spaces/me/none").status == 404)
            let cloned = try await hub.git("clone", hub.remote("me/demo", token: "hf_bob"), "c")
            #expect(cloned.err.contains("remote: Repository not found"), "\(cloned)")
            let wrong = try await hub.git("clone", hub.remote("me/demo", token: "hf_wrong"), "d")
            #expect(wrong.err.contains("remote: Invalid username or password."), "\(wrong)")
            #expect(try await hub.ask("GET", "/api/spaces?author=me", token: "").json == [])
            #expect(try await hub.ask("GET", "/api/spaces?author=me").json.array?.count == 1)
        }
    }

    @Test func `everyone can read a public Space, and only its owner can push to it`() async throws {
        try await prepared { hub in
            try await hub.create("demo")
            let cloned = try await hub.git("clone", "-q", hub.remote("me/demo", token: ""), "work")
            #expect(cloned.status == 0)
            for token in ["hf_read_1", "hf_bob"] {
                let pushed = try await hub.git(
                    "push", hub.remote("me/demo", token: token), "HEAD:main", in: "work")
                #expect(pushed.err.contains("you don't have write access to this repository"), "\(pushed)")
                #expect(pushed.err.contains("403"))
                let paused = try await hub.ask("POST", "/api/spaces/me/demo/pause", token: token)
                #expect(paused.status == 403)
            }
            #expect(
                try await hub.ask("GET", "/api/spaces/me/demo/auth-check/write", token: "hf_bob").status
                    == 403)
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/auth-check/write").status == 200)
        }
    }

    @Test func `a user can create repositories in their own and their organisations' namespaces only`()
        async throws
    {
        try await prepared { hub in
            func create(_ organization: String) async throws -> Rehearsal.Reply {
                try await hub.ask(
                    "POST", "/api/repos/create",
                    ["name": "x", "organization": .string(organization), "type": "space", "sdk": "docker"])
            }
            #expect(try await create("team").json["name"] == "team/x")
            #expect(try await create("me").json["name"] == "me/x")
            let other = try await create("bob")
            #expect(other.status == 403)
            #expect(other.json["error"].string?.contains("under the namespace \"bob\"") ?? false)
        }
    }

    @Test func `every API response has the rate limit, and an unknown route is 404`()
        async throws
    {
        try await Rehearsal.run({ $0.rateLimit = 3 }) { hub in
            let unknown = try await hub.ask("GET", "/api/nothing")
            #expect(unknown.status == 404 && unknown.json["error"].string != nil)
            #expect(unknown.fields["RateLimit"]?.hasPrefix("\"api\";r=2;t=") ?? false)
            for _ in 0..<2 { _ = try await hub.ask("GET", "/api/whoami-v2") }
            #expect(try await hub.ask("GET", "/api/whoami-v2").status == 429)
        }
    }

    @Test func `a Docker Space without a PRO subscription is 402`() async throws {
        try await Rehearsal.run({ $0.isPro = false }) { hub in
            let refused = try await hub.create("demo")
            #expect(
                refused.status == 402 && refused.json["error"].string?.contains("PRO subscription") ?? false)
            #expect(try await hub.create("page", sdk: "static").status == 200)
        }
    }
}

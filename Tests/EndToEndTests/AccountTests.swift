import Foundation
import TestSupport
import Testing

/// End-to-end tests of token selection: one token per owner, and OIDC trusted publishing in CI jobs.
struct AccountTests {
    private let hub = [
        "--token", "of-ada=ada:write", "--token", "of-bob=bob:write", "--organization", "acme=bob",
        "--token", "one-only=ada:fineGrained:ada/one",
    ]

    @Test func `each Space is pushed with its owner's token, an organisation's Space with a member's token`()
        async throws
    {
        let scene = try await Scene(hub: hub)
        let source = try await scene.source()
        let run = try await scene.spacesync(
            "push", "ada/one", "bob/two", "acme/three", "--create", "--no-wait", in: source.url,
            changing: ["HF_TOKEN": nil, "HF_USER": "ada:of-ada,bob:of-bob"])
        #expect(run.status == 0, "\(run)")
        #expect(try await scene.hub.asked().count { $0.path == "/api/whoami-v2" } == 2)
    }

    @Test func `an empty token in HF_USER falls back to HF_TOKEN`() async throws {
        let scene = try await Scene(hub: hub)
        let source = try await scene.source()
        let run = try await scene.spacesync(
            "push", "one", "--create", "--no-wait", in: source.url,
            changing: ["HF_TOKEN": "of-ada", "HF_USER": "ada:"])
        #expect(run.status == 0 && run.err.contains("ada/one"), "\(run)")
    }

    @Test func `a fine-grained token can push only its own Space`() async throws {
        let scene = try await Scene(hub: hub)
        let source = try await scene.source()
        for name in ["one", "two"] {
            _ = try await scene.spacesync(
                "push", "ada/\(name)", "--create", "--no-wait", in: source.url,
                changing: ["HF_TOKEN": "of-ada"])
        }
        try await source.commit(["app.py": "print(2)\n"], "Two")
        try await source.git("config", "account.ada/one.token", "env:ONE")
        let own = try await scene.spacesync(
            "push", "ada/one", "--no-wait", in: source.url, changing: ["HF_TOKEN": nil, "ONE": "one-only"])
        #expect(own.status == 0, "\(own)")
        let other = try await scene.spacesync(
            "push", "ada/two", "--no-wait", in: source.url, changing: ["HF_TOKEN": "one-only"])
        #expect(other.status == 5, "\(other)")
    }

    @Test func `a CI job with a trusted publisher deploys without a configured token`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        try await scene.hub.fault(
            #"{"path":"/_identity","times":-1,"status":200,"body":"{\"value\":\"a-job-of-acme\"}"}"#)
        let job: [String: String?] = [
            "HF_TOKEN": nil, "ACTIONS_ID_TOKEN_REQUEST_URL": scene.hub.url + "/_identity?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-runner",
        ]
        let run = try await scene.spacesync("push", "me/demo", "-v", in: source.url, changing: job)
        #expect(run.status == 0 && run.err.contains("trusted publisher"), "\(run)")
        let asked = try await scene.hub.asked()
        let identity = try #require(asked.first { $0.path == "/_identity" })
        #expect(identity.query.contains("api-version=2.0") && identity.query.contains("audience=http"))
        #expect(asked.count { $0.path == "/oauth/token" } == 1)
        for secret in ["a-job-of-acme", "of-the-runner", "hf_jwt_"] {
            #expect(!(run.out + run.err).contains(secret))
        }
    }

    @Test func `a job that the Space does not trust gets a hint about trusted publishers`() async throws {
        let scene = try await Scene()
        let source = try await scene.source()
        try await scene.makeSpace()
        let run = try await scene.spacesync(
            "push", "me/demo", in: source.url,
            changing: ["HF_OIDC_RESOURCE": "spaces/me/demo", "HF_OIDC_ID_TOKEN": "wrong-job"])
        #expect(run.status == 5, "\(run)")
        #expect(run.err.contains("No trusted publisher") && run.err.contains("trusted-publishers"), "\(run)")
        let bare = try await scene.spacesync(
            "push", "me/demo", in: source.url, changing: ["HF_OIDC_RESOURCE": "spaces/me/demo"])
        #expect(bare.status == 5 && bare.err.contains("id-token: write"), "\(bare)")
    }
}

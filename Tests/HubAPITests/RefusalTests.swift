import Foundation
import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

@Suite struct RefusalTests {
    private func refused(_ step: ScriptedServer.Step, token: String? = "sesame") async throws -> DeployError {
        let scene = try Scene(token: token, [.request, step])
        return try await scene.failure { _ = try await scene.space.runtime() }
    }

    @Test func `a 401 without a token asks for a token`() async throws {
        let failure = try await refused(
            json("{\"error\":\"Invalid username or password.\"}", "401 Unauthorized"), token: nil)
        #expect(failure.kind == .permissionDenied)
        #expect(failure.message.hasSuffix("requires a token for me/app"))
        #expect(failure.details == ["Invalid username or password."])
        #expect(failure.hint?.contains("HF_TOKEN") == true)
    }

    @Test(arguments: [
        (["X-Error-Message: Invalid credentials in Authorization header"], "it is not valid"),
        (["X-Error-Message: User Access Token \"x\" is expired"], "it has expired"),
        (["X-Error-Message: Your token has been revoked"], "it was revoked"),
    ])
    func `a 401 with a token states why it is rejected`(_ headers: [String], _ state: String) async throws {
        let failure = try await refused(json("{}", "401 Unauthorized", headers))
        #expect(failure.kind == .permissionDenied)
        #expect(failure.message.hasSuffix(state))
        #expect(failure.message.contains("me/app"))
        #expect(!"\(failure)".contains("sesame"))
    }

    @Test func `a 402 is an error with both alternatives in its hint`() async throws {
        let words =
            "Static Spaces are free for everyone, but hosting Docker Spaces requires a PRO subscription."
        let failure = try await refused(json("{\"error\":\"\(words)\"}", "402 Payment Required"))
        #expect((failure.kind, failure.details) == (.permissionDenied, [words]))
        #expect(failure.hint?.contains("https://huggingface.co/pro") == true)
        #expect(failure.hint?.contains("sdk = static") == true)
    }

    @Test(arguments: [
        ("You've reached your CPU-basic quota limit", "pause another Space"),
        ("You must add a payment method to your account", "settings/billing"),
        ("Your token has been revoked by the organization administrator", "administrator"),
        ("You don't have the rights to create a space", "write permission"),
    ])
    func `a 403 has a hint that depends on the Hub's message`(_ words: String, _ hint: String) async throws {
        let failure = try await refused(json("{\"error\":\"\(words)\"}", "403 Forbidden"))
        #expect((failure.kind, failure.details) == (.permissionDenied, [words]))
        #expect(failure.hint?.contains(hint) == true)
    }

    @Test func `a 404 is an error with the Space and the possible reason`() async throws {
        let failure = try await refused(
            json("{\"error\":\"Repository not found\"}", "404 Not Found", ["X-Error-Code: RepoNotFound"]))
        #expect(failure.kind == .refused)
        #expect(failure.message.contains("no such Space on 127.0.0.1:"))
        #expect(failure.message.contains("me/app, or the token cannot access it"))
    }

    @Test(arguments: ["429 Too Many Requests", "500 Oops", "502 Bad Gateway", "503 Busy", "504 Late"])
    func `a 429 or 5xx is a temporary error`(_ status: String) async throws {
        let failure = try await refused(answer(status, ["Content-Type: text/plain"], "wait"))
        #expect((failure.kind, failure.details) == (.tryLater, ["wait"]))
        #expect(failure.message.contains("me/app"))
    }

    @Test func `the text of a web page is not shown`() async throws {
        let page = "<!DOCTYPE html><html><body>secret layout</body></html>"
        let bad = try await refused(answer("502 Bad Gateway", ["Content-Type: text/html"], page))
        #expect((bad.kind, bad.details) == (.tryLater, []))
        let good = try await refused(answer("200 OK", ["Content-Type: text/html"], page))
        #expect(good.kind == .refused)
        #expect(good.message.contains("web page"))
        #expect(!"\(bad)\(good)".contains("secret layout"))
    }

    @Test func `invalid JSON is a temporary error`() async throws {
        let failure = try await refused(answer("200 OK", ["Content-Type: application/json"], "{\"stage\":"))
        #expect(failure.kind == .tryLater)
    }

    @Test func `JSON over a limit is an error that states the limit`() async throws {
        let deep = "{\"runtime\":" + String(repeating: "[", count: 65)
        let failure = try await refused(json(deep))
        #expect(failure.kind == .tryLater)
        #expect(failure.message.hasSuffix("for me/app exceeds a limit: it has more than 64 levels"))
    }

    @Test func `every message of the Hub is shown once, without control characters`() async throws {
        let body =
            "{\"error\":[\"one\",\"two\"],\"errors\":[{\"message\":\"two\"},{\"message\":\"th\\u001b[31mree\"}]}"
        let failure = try await refused(json(body, "400 Bad Request", ["X-Error-Message: one"]))
        #expect((failure.kind, failure.details) == (.refused, ["one", "two", "th [31mree"]))
    }

    @Test func `an unreachable Hub is a temporary error that names the Hub`() async throws {
        let scene = try Scene([.close])
        let url = try #require(URL(string: "http://127.0.0.1:1"))
        let hub = HubClient(scene.hub.client, endpoint: url, token: nil)
        let failure = try await scene.failure { _ = try await HubSpace(hub, scene.space.space).runtime() }
        #expect(failure.kind == .tryLater)
        #expect(failure.message.hasPrefix("127.0.0.1:1: error while requesting me/app: not reachable"))
    }

    @Test func `a token is not sent unencrypted to another machine`() async throws {
        let scene = try Scene([.close])
        let url = try #require(URL(string: "http://hub.invalid"))
        let hub = HubClient(scene.hub.client, endpoint: url, token: Secret("sesame"))
        let failure = try await scene.failure { _ = try await HubSpace(hub, scene.space.space).runtime() }
        #expect(failure.kind == .permissionDenied)
        #expect(failure.message.contains("only over https"))
    }
}

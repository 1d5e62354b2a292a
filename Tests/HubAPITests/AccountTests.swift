import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

@Suite struct AccountTests {
    @Test func `whoami returns name, plan, organizations and permissions of the token`() async throws {
        let body = """
            {"type":"user","name":"me","isPro":true,"canPay":false,"orgs":[{"name":"lab","roleInOrg":"admin","plan":"team"},
            {"name":"club"}],"auth":{"type":"access_token","expiresAt":"2027-01-01T00:00:00Z","accessToken":{"displayName":"ci",
            "role":"fineGrained","fineGrained":{"scoped":[{"entity":{"name":"me","type":"user"},"permissions":["repo.write"]}]}}}}
            """
        let scene = try Scene([.request, json(body)])
        let account = try await scene.hub.whoami()
        #expect((account.name, account.isPro, account.canPay) == ("me", true, false))
        #expect(account.organizations.map(\.name) == ["lab", "club"])
        #expect(account.organizations.first?.plan == "team")
        #expect((account.tokenRole, account.tokenName) == ("fineGrained", "ci"))
        #expect(account.permissions == ["me": ["repo.write"]])
        #expect(account.tokenExpires == "2027-01-01T00:00:00Z")
    }

    @Test func `without a token no request is sent`() async throws {
        let scene = try Scene(token: nil, [.hang])
        #expect(try await scene.failure { _ = try await scene.hub.whoami() }.kind == .permissionDenied)
        #expect(scene.server.connections.isEmpty)
    }

    @Test func `a card is validated by the Hub`() async throws {
        let good = try Scene([.request, json("{\"warnings\":[{\"message\":\"empty\"}]}")])
        let accepted = try await good.hub.validateYAML("---\nsdk: docker\n---\n")
        #expect(accepted == CardValidation(errors: [], warnings: ["empty"]))
        #expect(
            good.server.connections[0].contains(
                "{\"content\":\"---\\nsdk: docker\\n---\\n\",\"repoType\":\"space\"}"))
        let words = "\\\"colorFrom\\\" must be one of [red]"
        let bad = try Scene([.request, json("{\"errors\":[{\"message\":\"\(words)\"}]}", "400 Bad Request")])
        let refused = try await bad.hub.validateYAML("x")
        #expect(refused.errors == ["\"colorFrom\" must be one of [red]"])
        #expect(!refused.isAccepted)
    }
}

@Suite struct CreateTests {
    private func create(_ scene: Scene) async throws -> CreateResult {
        try await scene.hub.create(
            scene.space.space, sdk: "docker", hardware: "cpu-upgrade",
            secrets: Secret("s3").map { [("KEY", $0, nil)] } ?? [], variables: [("A", "b")],
            clock: scene.clock)
    }

    @Test func `a Space is created private, with secrets and variables, in one request`() async throws {
        let scene = try Scene([
            .request, json("{\"url\":\"https://huggingface.co/spaces/me/app\",\"name\":\"me/app\"}"),
        ])
        #expect(try await create(scene) == .created(url: "https://huggingface.co/spaces/me/app"))
        let body = scene.server.connections[0].components(separatedBy: "\r\n\r\n")[1]
        #expect(
            body == """
                {"name":"app","organization":"me","type":"space","sdk":"docker","visibility":"private",\
                "hardware":"cpu-upgrade","secrets":[{"key":"KEY","value":"s3"}],\
                "variables":[{"key":"A","value":"b"}]}
                """)
    }

    @Test func `creating an existing Space is not an error`() async throws {
        let scene = try Scene([
            .request,
            json("{\"error\":\"You already created this space repo\",\"url\":\"u\"}", "409 Conflict"),
        ])
        #expect(try await create(scene) == .existed(url: "u"))
    }

    @Test func `a conflicting operation is retried with increasing waits`() async throws {
        let busy = json(
            "{\"error\":\"Cannot create repo: another conflicting operation is in progress\"}", "409 Conflict"
        )
        let scene = try Scene([.request, busy], [.request, busy], [.request, json("{\"url\":\"u\"}")])
        #expect(try await create(scene) == .created(url: "u"))
        #expect(scene.clock.waits == [.seconds(1), .seconds(2)])
    }

    @Test func `a lasting conflict is a temporary error`() async throws {
        let busy = json(
            "{\"error\":\"Cannot create repo: another conflicting operation is in progress\"}", "409 Conflict"
        )
        let scene = try Scene([.request, busy])
        #expect(try await scene.failure { _ = try await create(scene) }.kind == .tryLater)
        #expect(scene.meter.requests == 5)
    }

    @Test func `a failed create request is not sent again`() async throws {
        let scene = try Scene(retries: 5, [.request, answer("503 Busy")])
        #expect(try await scene.failure { _ = try await create(scene) }.kind == .tryLater)
        #expect(scene.meter.requests == 1)
    }
}

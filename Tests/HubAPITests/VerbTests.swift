import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

@Suite struct VerbTests {
    /// An action on a Space and its expected request line and body.
    struct Verb: Sendable, CustomTestStringConvertible {
        var testDescription: String { line }
        var line: String
        var body: String
        var answer = "{\"stage\":\"BUILDING\"}"
        var call: @Sendable (HubSpace) async throws -> Void
    }

    static let verbs: [Verb] = [
        Verb(line: "POST /api/spaces/me/app/pause", body: "") { _ = try await $0.pause() },
        Verb(
            line: "POST /api/spaces/me/app/hardware",
            body: "{\"flavor\":\"t4-small\",\"sleepTimeSeconds\":300}"
        ) {
            _ = try await $0.setHardware("t4-small", sleepAfter: 300)
        },
        Verb(line: "POST /api/spaces/me/app/sleeptime", body: "{\"seconds\":-1}") {
            _ = try await $0.setSleepTime(-1)
        },
        Verb(line: "POST /api/spaces/me/app/dev-mode", body: "{\"enabled\":true}") {
            _ = try await $0.setDevMode(true)
        },
        Verb(line: "PUT /api/spaces/me/app/settings", body: "{\"visibility\":\"public\"}") {
            try await $0.setVisibility("public")
        },
        Verb(
            line: "DELETE /api/repos/delete",
            body: "{\"name\":\"app\",\"organization\":\"me\",\"type\":\"space\"}",
            answer: "OK"
        ) { try await $0.delete() },
        Verb(
            line: "POST /api/repos/move",
            body: "{\"fromRepo\":\"me/app\",\"toRepo\":\"lab/app\",\"type\":\"space\"}",
            answer: "OK"
        ) { space in
            if let other = SpaceID("lab/app") { try await space.move(to: other) }
        },
        Verb(line: "POST /api/spaces/me/app/secrets", body: "{\"key\":\"K\",\"value\":\"v\"}", answer: "{}") {
            space in
            if let value = Secret("v") { try await space.setSecret("K", value) }
        },
        Verb(line: "DELETE /api/spaces/me/app/secrets", body: "{\"key\":\"K\"}", answer: "{}") {
            try await $0.unsetSecret("K")
        },
        Verb(line: "POST /api/spaces/me/app/variables", body: "{\"key\":\"K\",\"value\":\"\"}", answer: "{}")
        {
            try await $0.setVariable("K", "")
        },
        Verb(line: "DELETE /api/spaces/me/app/variables", body: "{\"key\":\"K\"}", answer: "{}") {
            try await $0.unsetVariable("K")
        },
        Verb(
            line: "PUT /api/spaces/me/app/volumes",
            body: "{\"volumes\":[{\"type\":\"bucket\",\"source\":\"me/b\",\"mountPath\":\"/data\"}]}"
        ) { try await $0.setVolumes([Volume(type: "bucket", source: "me/b", mountPath: "/data")]) },
        Verb(line: "DELETE /api/spaces/me/app/volumes", body: "") { try await $0.setVolumes([]) },
    ]

    @Test(arguments: verbs) func `an action sends the expected request`(_ verb: Verb) async throws {
        let scene = try Scene([.request, json(verb.answer)])
        try await verb.call(scene.space)
        let parts = scene.server.connections[0].components(separatedBy: "\r\n\r\n")
        #expect(parts[0].hasPrefix(verb.line + " HTTP/1.1\r\n"))
        #expect(parts[1] == verb.body)
    }

    @Test func `secrets are listed without their values`() async throws {
        let scene = try Scene(
            [
                .request,
                json(
                    "{\"B\":{\"key\":\"B\",\"updatedAt\":\"2026\"},\"A\":{\"key\":\"A\",\"description\":\"d\"}}"
                ),
            ],
            [.request, json("{\"X\":{\"value\":\"1\",\"updatedAt\":\"2026\"},\"Y\":{\"value\":\"\"}}")])
        let secrets = try await scene.space.secrets()
        #expect(secrets.map(\.name) == ["A", "B"])
        #expect((secrets[0].description, secrets[1].updated) == ("d", "2026"))
    }

    @Test func `variables are returned as a dictionary`() async throws {
        let scene = try Scene([
            .request, json("{\"X\":{\"value\":\"1\",\"updatedAt\":\"2026\"},\"Y\":{\"value\":\"\"}}"),
        ])
        #expect(try await scene.space.variables() == ["X": "1", "Y": ""])
    }

    @Test func `hardware is listed with its price per hour`() async throws {
        let body = """
            [{"name":"t4-small","prettyName":"Nvidia T4","cpu":"4 vCPU","ram":"15 GB","accelerator":{"type":"gpu","model":"T4",
            "quantity":"1"},"unitCostMicroUSD":6667},{"name":"cpu-basic","accelerator":null,"unitCostUSD":0},{"odd":1}]
            """
        let scene = try Scene([.request, json(body)])
        let list = try await scene.hub.hardware()
        #expect(list.map(\.name) == ["t4-small", "cpu-basic"])
        #expect(list[0].accelerator == "1 x T4")
        #expect(abs((list[0].price?.dollarsPerHour ?? 0) - 0.4) < 0.001)
        #expect(list[1].price?.dollarsPerHour == 0)
    }
}

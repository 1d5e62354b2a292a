import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

/// Tests of variables and secrets with the same name, and of misspelt keys in `.hub.json`.
struct EnvironmentTests {
    private let spacePath = "/api/spaces/me/demo"
    private let collision: JSON = "Collision on variables and secrets names"

    private func set(_ kind: String, _ name: String, on hub: Rehearsal) async throws {
        #expect(
            try await hub.ask("POST", spacePath + "/" + kind, ["key": .string(name), "value": "1"]).status
                == 200)
    }

    @Test func `a push is not built if a variable and a secret have the same name`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await set("variables", "MODE", on: hub)
            try await set("secrets", "MODE", on: hub)
            try await hub.push(["Dockerfile": "FROM a\nRUN b\n"])
            let runtime = try await hub.waitFor("CONFIG_ERROR", of: "me/demo")
            #expect(runtime["errorMessage"] == collision)
            #expect(runtime["sha"].isNull)
            _ = try await hub.ask("DELETE", spacePath + "/variables", ["key": "MODE"])
            _ = try await hub.ask("POST", spacePath + "/restart")
            let fixed = try await hub.waitFor("RUNNING", of: "me/demo", sha: try await hub.head())
            #expect(fixed["errorMessage"].isNull)
        }
    }

    @Test func `a secret with the name of a variable stops a running app`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\nRUN b\n"])
            try await hub.waitFor("RUNNING", of: "me/demo")
            try await set("variables", "MODE", on: hub)
            try await set("secrets", "OTHER", on: hub)
            try await hub.waitFor("RUNNING", of: "me/demo")
            try await set("secrets", "MODE", on: hub)
            let runtime = try await hub.waitFor("CONFIG_ERROR", of: "me/demo")
            #expect(runtime["errorMessage"] == collision)
            #expect(try await hub.ask("GET", "/", token: "", host: "me-demo.localhost").status != 200)
            _ = try await hub.ask("DELETE", spacePath + "/secrets", ["key": "MODE"])
            _ = try await hub.ask("POST", spacePath + "/restart")
            try await hub.waitFor("RUNNING", of: "me/demo")
        }
    }

    @Test func `misspelt keys in hub json are warnings in the build log and do not fail the build`()
        async throws
    {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            let script =
                #"{"bild":{},"build":{"second":1,"log":"x"},"app":{"/":{"stats":200,"body":["any"]}},"lag":0}"#
            try await hub.push(["Dockerfile": "FROM a\nRUN b\n", ".hub.json": script])
            try await hub.waitFor("RUNNING", of: "me/demo", sha: try await hub.head())
            let log = try await hub.ask("GET", spacePath + "/logs/build").text
            #expect(log.contains("WARNING: .hub.json: unknown key bild is ignored"), "\(log)")
            #expect(
                log.contains(
                    "unknown key build.second is ignored (known keys: exit, fail, log, seconds)"))
            #expect(log.contains(".hub.json: build.log must be a list of strings"))
            #expect(log.contains("unknown key app./.stats is ignored"))
            #expect(log.components(separatedBy: "WARNING: .hub.json").count == 5)
        }
    }

    @Test(arguments: [
        (#"{"lag":0,"build":{"seconds":0,"fail":"x","exit":2,"log":["a"]}}"#, 0),
        (#"{"start":{"seconds":0,"exit":1,"error":null,"log":[]},"metrics":[{"a":1}]}"#, 0),
        (#"{"app":{"/":[{"status":503},{"status":200,"body":"b","headers":{"A":"b"},"delay":0}]}}"#, 0),
        ("{\"build\": {", 1), ("[]", 1), ("", 1),
    ])
    func `all keys of the help text are accepted`(_ script: String, _ count: Int) {
        #expect(
            HubScenario.warnings(Array(script.utf8)).count == count,
            "\(HubScenario.warnings(Array(script.utf8)))"
        )
        #expect(HubScenario.warnings(nil).isEmpty)
    }
}

import Foundation
import TestSupport
import Testing

@testable import HTTP
@testable import LocalHub

struct StageTests {
    private let docker = "FROM python:3.12\nRUN echo hello\nCOPY . /app\n"

    @Test func `during an update the old app and its sha stay until the new app runs`() async throws {
        try await Rehearsal.run({
            $0.buildTiming = BuildTiming(lag: .seconds(3), build: .seconds(1), start: .seconds(1))
        }) {
            hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push([
                "Dockerfile": docker, ".hub.json": #"{"build":{"seconds":0},"start":{"seconds":0}}"#,
            ])
            let first = try await hub.head()
            try await hub.waitFor("RUNNING", of: "me/demo", sha: first)
            try await hub.push(["a": "b", ".hub.json": "{}"])
            let second = try await hub.head()
            let lagging = try await hub.ask("GET", "/api/spaces/me/demo/runtime").json
            #expect(lagging["stage"] == "RUNNING" && lagging["sha"].string == first)
            for stage in ["RUNNING_BUILDING", "RUNNING_APP_STARTING"] {
                let runtime = try await hub.waitFor(stage, of: "me/demo")
                #expect(runtime["sha"].string == first)
                let app = try await hub.ask("GET", "/", token: "", host: "me-demo.localhost")
                #expect(app.status == 200)
            }
            try await hub.waitFor("RUNNING", of: "me/demo", sha: second)
        }
    }

    @Test func `a failing RUN fails the build with BuildKit's message`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\nRUN pip install x && \\\n    exit 3\n"])
            let runtime = try await hub.waitFor("BUILD_ERROR", of: "me/demo")
            #expect(runtime["sha"].isNull)
            let log = try await hub.ask("GET", "/api/spaces/me/demo/logs/build").text
            let head = try await hub.head()
            #expect(log.contains("/ Commit SHA: \(head.prefix(7)) ====="))
            #expect(log.contains("simulated by the local Hub"))
            let last =
                #"process \"/bin/sh -c pip install x && exit 3\" did not complete successfully: exit code: 3"#
            #expect(log.contains(last), "\(log)")
            #expect(runtime["errorMessage"].string?.contains("exit code: 3") ?? false)
        }
    }

    @Test(arguments: [
        ("FROM a\nCOPY missing.txt /\n", "\\\"/missing.txt\\\": not found"),
        ("FROM a\nRUNN x\n", "unknown instruction: RUNN"),
    ])
    func `missing files and unknown instructions fail the build`(_ dockerfile: String, _ message: String)
        async throws
    {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": dockerfile])
            try await hub.waitFor("BUILD_ERROR", of: "me/demo")
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/logs/build").text.contains(message))
        }
    }

    @Test func `hub json controls build failures, app crashes and app responses`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            let fail = #"{"build":{"fail":"echo","exit":9,"log":["no such thing"]}}"#
            try await hub.push(["Dockerfile": docker, ".hub.json": fail])
            let failed = try await hub.waitFor("BUILD_ERROR", of: "me/demo")
            #expect(failed["errorMessage"].string?.contains("exit code: 9") ?? false)
            try await hub.push([".hub.json": #"{"start":{"exit":1,"log":["Traceback: boom"]}}"#])
            let crashed = try await hub.waitFor("RUNTIME_ERROR", of: "me/demo")
            #expect(crashed["errorMessage"] == "Exit code: 1. Reason: Traceback: boom")
            let app =
                #"{"app":{"/":{"status":201,"body":"hi","headers":{"X-A":"b"}},"/w":[{"status":503},{"body":"ok"}]}}"#
            try await hub.push([".hub.json": app])
            try await hub.waitFor("RUNNING", of: "me/demo", sha: try await hub.head())
            func visit(_ path: String) async throws -> Rehearsal.Reply {
                try await hub.ask("GET", path, token: "", host: "me-demo.localhost")
            }
            let root = try await visit("/")
            #expect(root.status == 201 && root.text == "hi")
            #expect(root.fields["X-A"] == "b")
            #expect(try await visit("/w").status == 503)
            #expect(try await visit("/w").text == "ok")
            #expect(try await visit("/other").status == 404)
        }
    }

    @Test func `a README without front matter is CONFIG_ERROR, and a missing app file is NO_APP_FILE`()
        async throws
    {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["README.md": "# plain\n", "Dockerfile": docker])
            let runtime = try await hub.waitFor("CONFIG_ERROR", of: "me/demo")
            #expect(runtime["errorMessage"] == "Missing configuration in README")
            try await hub.push(["README.md": "---\nsdk: gradio\n---\n"])
            try await hub.waitFor("NO_APP_FILE", of: "me/demo")
            try await hub.push(["app.py": "print()\n"])
            try await hub.waitFor("RUNNING", of: "me/demo")
        }
    }

    @Test func `a paused Space stays paused after a push, until it is restarted`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": docker])
            try await hub.waitFor("RUNNING", of: "me/demo")
            let paused = try await hub.ask("POST", "/api/spaces/me/demo/pause").json
            #expect(paused["stage"] == "PAUSED" && paused["sha"].isNull)
            try await hub.push(["a": "b"])
            try await Task.sleep(for: .milliseconds(200))
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/runtime").json["stage"] == "PAUSED")
            let restarted = try await hub.ask("POST", "/api/spaces/me/demo/restart?factory=true").json
            #expect(restarted["stage"] == "BUILDING")
            try await hub.waitFor("RUNNING", of: "me/demo", sha: try await hub.head())
        }
    }

    @Test func `a newer push cancels the running build`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": docker, ".hub.json": #"{"build":{"seconds":60}}"#])
            try await hub.waitFor("BUILDING", of: "me/demo")
            try await hub.push([".hub.json": "{}"])
            try await hub.waitFor("RUNNING", of: "me/demo", sha: try await hub.head())
        }
    }

    @Test func `a request to its app wakes a sleeping Space`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": docker])
            try await hub.waitFor("RUNNING", of: "me/demo")
            _ = try await hub.ask("POST", "/_hub/stage", ["space": "me/demo", "stage": "SLEEPING"])
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/runtime").json["stage"] == "SLEEPING")
            #expect(try await hub.ask("GET", "/", token: "", host: "me-demo.localhost").status == 503)
            try await hub.waitFor("RUNNING", of: "me/demo")
        }
    }

    @Test func `a static Space runs without a sha and serves its files`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("page", sdk: "static")
            try await hub.clone("me/page")
            try await hub.push(["index.html": "<p>hi</p>"])
            let runtime = try await hub.waitFor("RUNNING", of: "me/page")
            #expect(runtime["sha"].isNull)
            let host = try await hub.ask("GET", "/api/spaces/me/page").json["host"].string ?? ""
            #expect(host.contains("me-page.static.localhost"))
            #expect(
                try await hub.ask("GET", "/", token: "", host: "me-page.static.localhost").text == "<p>hi</p>"
            )
            #expect(try await hub.ask("POST", "/api/spaces/me/page/restart").status == 400)
        }
    }
}

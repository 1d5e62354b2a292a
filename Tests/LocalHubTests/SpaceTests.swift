import Foundation
import TestSupport
import Testing
import TextTools

@testable import HTTP
@testable import LocalHub

struct SpaceTests {
    @Test func `the API returns values of variables, but only names of secrets`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let spacePath = "/api/spaces/me/demo"
            let set = try await hub.ask("POST", spacePath + "/variables", ["key": "A", "value": "1"]).json
            #expect(set["A"]["value"] == "1")
            #expect(
                try await hub.ask("POST", spacePath + "/secrets", ["key": "S", "value": "hush"]).json == [:])
            #expect(try await hub.ask("GET", spacePath + "/secrets").json["S"]["key"] == "S")
            #expect(try await !hub.ask("GET", spacePath + "/secrets").text.contains("hush"))
            #expect(try await hub.ask("POST", spacePath + "/variables", ["key": "1A"]).status == 400)
            #expect(try await hub.ask("DELETE", spacePath + "/variables", ["key": "A"]).json == [:])
            #expect(try await hub.ask("DELETE", spacePath + "/secrets", ["key": "none"]).json == [:])
            let state = hub.folder.url.appendingPathComponent("root/spaces/me/demo.git/hub.json")
            #expect(try !String(contentsOf: state, encoding: .utf8).contains("hush"))
        }
    }

    @Test func `a Space can be duplicated, moved, made private and deleted`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            _ = try await hub.ask("POST", "/api/spaces/me/demo/variables", ["key": "A", "value": "1"])
            let copied = try await hub.ask("POST", "/api/spaces/me/demo/duplicate", ["repository": "me/copy"])
            #expect(copied.status == 200)
            #expect(try await hub.ask("GET", "/api/spaces/me/copy/variables").json["A"]["value"] == "1")
            let moved = try await hub.ask(
                "POST", "/api/repos/move", ["fromRepo": "me/demo", "toRepo": "me/other", "type": "space"])
            #expect(moved.status == 200)
            #expect(try await hub.ask("GET", "/api/spaces/me/other").json["subdomain"] == "me-other")
            _ = try await hub.ask("PUT", "/api/spaces/me/other/settings", ["visibility": "private"])
            #expect(try await hub.ask("GET", "/api/spaces/me/other", token: "").status == 401)
            let body: JSON = ["name": "other", "organization": "me", "type": "space"]
            let deleted = try await hub.ask("DELETE", "/api/repos/delete", body)
            #expect(deleted.status == 200 && deleted.text == "OK")
            #expect(try await hub.ask("DELETE", "/api/repos/delete", body).status == 404)
        }
    }

    @Test func `hardware and sleep time can be set, and prices are listed`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let spacePath = "/api/spaces/me/demo"
            let set = try await hub.ask(
                "POST", spacePath + "/hardware", ["flavor": "t4-small", "sleepTimeSeconds": 300])
            #expect(set.json["hardware"]["requested"] == "t4-small" && set.json["gcTimeout"] == 300)
            let never = try await hub.ask("POST", spacePath + "/sleeptime", ["seconds": -1]).json
            #expect(never["gcTimeout"] == .null)
            #expect(try await hub.ask("POST", spacePath + "/hardware", ["flavor": "abacus"]).status == 400)
            let list = try await hub.ask("GET", "/api/spaces/hardware", token: "").json.array ?? []
            #expect(list.contains { $0["name"] == "cpu-basic" && $0["unitCostMicroUSD"] == 0 })
        }
    }

    @Test func `the API returns trees, commits, files and repository details`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["a/b.txt": "bee\n", "Dockerfile": "FROM a\n"])
            let spacePath = "/api/spaces/me/demo", head = try await hub.head()
            let tree = try await hub.ask("GET", spacePath + "/tree/main?recursive=true").json.array ?? []
            #expect(tree.contains { $0["path"] == "a/b.txt" && $0["size"] == 4 && $0["type"] == "file" })
            let page = try await hub.ask("GET", spacePath + "/tree/main?limit=1")
            #expect(page.json.array?.count == 1)
            #expect(page.fields["Link"]?.contains("rel=\"next\"") ?? false)
            let commits = try await hub.ask("GET", spacePath + "/commits/main").json.array ?? []
            #expect(commits.map { $0["title"] } == ["change", "initial commit"])
            let file = try await hub.ask("GET", "/spaces/me/demo/resolve/main/a/b.txt")
            #expect(file.text == "bee\n" && file.fields["X-Repo-Commit"] == head)
            let info = try await hub.ask("GET", spacePath + "?blobs=true").json
            #expect(info["sha"].string == head && info["cardData"]["sdk"] == "docker")
            let small = try await hub.ask("GET", spacePath + "?expand=sha").json.object ?? [:]
            #expect(Set(small.keys) == ["_id", "id", "sha"])
            #expect(try await hub.ask("GET", spacePath + "/revision/none").status == 404)
        }
    }

    @Test func `a log stream replays from the start, and a build log ends with the build`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\nRUN b\n"])
            try await hub.waitFor("RUNNING", of: "me/demo")
            let first = try await hub.ask("GET", "/api/spaces/me/demo/logs/build")
            #expect(
                first.fields["Content-Type"]?.hasPrefix("text/event-stream")
                    ?? false)
            #expect(first.fields["Date"] != nil)
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/logs/build").text == first.text)
            #expect(first.text.contains("--> RUN b"))
            #expect(try await hub.ask("GET", "/api/spaces/me/demo/logs/build", token: "").status == 401)
            let tail = try await hub.ask("GET", "/api/spaces/me/demo/logs/build?tail=1").text
            #expect(tail.components(separatedBy: "data: ").count == 2)
        }
    }

    @Test func `a log requested right after a push is that of the new build`() async throws {
        try await Rehearsal.run({ $0.buildTiming.lag = .milliseconds(400) }) { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\nRUN b\n"])
            let log = try await hub.ask("GET", "/api/spaces/me/demo/logs/build").text
            #expect(log.contains("--> RUN b") && log.contains("Exporting cache"), "\(log)")
        }
    }

    @Test func `a push whose build has not started is built after a restart of the Hub`() async throws {
        try await Rehearsal.run({
            $0.buildTiming = BuildTiming(lag: .seconds(600), build: .zero, start: .zero)
        }) { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\n"])
            await hub.hub.stop()
            let root = hub.folder.url.appendingPathComponent("root")
            let second = Rehearsal(folder: hub.folder, hub: try await HubServer.start(HubOptions(root: root)))
            try await second.waitFor("RUNNING", of: "me/demo", sha: try await hub.head())
            await second.hub.stop()
        }
    }

    @Test func `repositories and running apps survive a restart of the Hub`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            try await hub.push(["Dockerfile": "FROM a\n"])
            let head = try await hub.head()
            try await hub.waitFor("RUNNING", of: "me/demo", sha: head)
            await hub.hub.stop()
            let root = hub.folder.url.appendingPathComponent("root")
            let second = Rehearsal(folder: hub.folder, hub: try await HubServer.start(HubOptions(root: root)))
            try await second.waitFor("RUNNING", of: "me/demo", sha: head)
            #expect(try await second.ask("GET", "/", token: "", host: "me-demo.localhost").status == 200)
            #expect(try await second.git("clone", "-q", second.remote("me/demo"), "again").status == 0)
            await second.hub.stop()
        }
    }
}

import Foundation
import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

struct ListTests {
    private func page(_ names: Range<Int>) -> String {
        let entries = names.map {
            "{\"id\":\"me/s\($0)\",\"sdk\":\"docker\",\"private\":true,\"runtime\":{\"stage\":\"DREAMING\",\"new\":1}}"
        }
        return "[\(entries.joined(separator: ","))]"
    }

    @Test func `1,000 Spaces need one request, and the link to the next page is followed`() async throws {
        let next = "Link: </api/spaces?author=me&cursor=abc%3D>; rel=\"next\""
        let scene = try Scene(
            [.request, json(page(0..<1000), "200 OK", [next, "Connection: close"])],
            [.request, json(page(1000..<1002), "200 OK", ["Connection: close"])])
        let records = try await scene.hub.spaces(of: "me")
        #expect(records.count == 1002 && scene.meter.requests == 2)
        #expect(records.last?.id == "me/s1001" && records[0].visibility == "private")
        #expect(records[0].info.runtime?.stage.rawValue == "DREAMING")
        #expect(records[0].json["runtime"]["new"].number == 1)
        #expect(
            scene.server.connections.joined().contains("GET /api/spaces?author=me&cursor=abc%3D HTTP/1.1"))
    }

    @Test func `a next page on another host is not requested`() async throws {
        let scene = try Scene([
            .request,
            json(page(0..<2), "200 OK", ["Link: <http://127.0.0.2:9/api/spaces?cursor=x>; rel=\"next\""]),
        ])
        #expect(try await scene.hub.spaces(of: "me").count == 2)
        #expect(scene.meter.requests == 1)
    }

    @Test func `a page that links to itself is read once`() async throws {
        let scene = try Scene([
            .request, json(page(0..<1), "200 OK", ["Link: </api/spaces?c=1>; rel=\"next\""]), .request,
            json(page(1..<2), "200 OK", ["Link: </api/spaces?c=1>; rel=\"next\""]),
        ])
        #expect(try await scene.hub.spaces(of: "me").count == 2)
    }

    @Test func `commits are read with the trailers of deploys`() async throws {
        let id = String(repeating: "a", count: 40)
        let scene = try Scene([
            .request,
            json(
                "[{\"id\":\"\(id)\",\"title\":\"Say hi\",\"message\":\"Why.\\n\\nSource-Commit: abc\\nSource-Branch: x\",\"date\":\"2026\"},{\"id\":\"odd\"}]"
            ),
        ])
        let commits = try await scene.space.commits(limit: 5)
        #expect(commits.count == 1 && commits[0].title == "Say hi")
        #expect(commits[0].trailers["Source-Commit"] == "abc" && commits[0].trailers["Source-Branch"] == "x")
    }

    @Test func `an action with an unknown outcome is not sent again`() async throws {
        let scene = try Scene(retries: 3, [.request, .close], [.request, json("{\"stage\":\"BUILDING\"}")])
        let failure = try await scene.failure { _ = try await scene.space.restart(factory: false) }
        #expect(failure.kind == .tryLater && scene.meter.requests == 1)
    }

    private static let stream = ScriptedServer.Step.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")

    @Test func `metrics are all objects with a known field, whatever the event name`() async throws {
        let events = """
            event: metric
            data: {"cpu_usage_pct":2.5,"rx_bps":10,"gpus":{"a":{}},"replica":"r1","later":[1]}

            : keep-alive

            event: something
            data: {"other":1}

            data: {"memory_used_bytes":5}


            """
        let scene = try Scene([.request, json("{}")], [.request, Self.stream, .send(events)])
        let seen = Lines()
        try await scene.space.metrics { metric in
            seen.add(LogLine(text: String(decoding: metric.json.data, as: UTF8.self)))
            return seen.all.count < 2
        }
        #expect(seen.texts[0].contains("\"later\":[1]") && seen.texts[0].contains("\"gpus\":{\"a\":{}}"))
        #expect(seen.texts[1] == "{\"memory_used_bytes\":5}")
    }

    @Test func `metrics of a Space that is not running are an error`() async throws {
        let scene = try Scene(
            [.request, json("{}")], [.request, json("{\"error\":\"Space is stale\"}", "406 Not Acceptable")])
        let failure = try await scene.failure { try await scene.space.metrics { _ in true } }
        #expect(failure.kind == .refused && failure.details == ["Space is stale"])
        #expect(failure.message == "me/app has no running app to measure")
    }
}

import Foundation
import TestSupport
import Testing
import TextTools

@testable import HTTP
@testable import HubAPI
@testable import SpacesModel

@Suite struct RuntimeTests {
    private let sha = String(repeating: "a", count: 40)

    @Test func `the runtime is parsed, and its request has the token`() async throws {
        let body = """
            {"stage":"RUNNING","hardware":{"current":"cpu-basic","requested":"cpu-basic"},"sha":"\(sha)","new":[1]}
            """
        let scene = try Scene([.request, json(body)])
        let runtime = try await scene.space.runtime()
        #expect((runtime.stage, runtime.sha) == (.running, ObjectID(sha)))
        #expect((runtime.hardware, runtime.requestedHardware) == ("cpu-basic", "cpu-basic"))
        #expect(runtime.sleepTime == nil)
        #expect(scene.server.connections[0].hasPrefix("GET /api/spaces/me/app/runtime HTTP/1.1\r\n"))
        #expect(scene.server.connections[0].contains("Authorization: Bearer sesame\r\n"))
        #expect(scene.meter.requests == 1)
    }

    @Test func `unknown stages are kept, and missing fields are nil`() async throws {
        let scene = try Scene(
            token: nil, [.request, json("{\"stage\":\"HIBERNATING\",\"sha\":null,\"errorMessage\":\"zzz\"}")])
        let runtime = try await scene.space.runtime()
        #expect(runtime == Runtime(stage: Stage(rawValue: "HIBERNATING"), errorMessage: "zzz"))
        #expect(!scene.server.connections[0].contains("Authorization"))
    }

    @Test(arguments: [
        ("https://huggingface.co", "docker", "https://me-app.hf.space"),
        ("https://huggingface.co", "static", "https://me-app.static.hf.space"),
        ("http://127.0.0.1:7860", "docker", "http://me-app.localhost:7860"),
    ])
    func `without a host the app URL is derived from the subdomain`(
        _ endpoint: String, _ sdk: String, _ url: String
    ) throws {
        let json = try #require(JSON(Data("{\"subdomain\":\"me-app\",\"sdk\":\"\(sdk)\"}".utf8)))
        #expect(SpaceInfo(json, endpoint: try #require(URL(string: endpoint))).appURL == url)
    }

    @Test(arguments: [
        (
            "\"host\":\"https://me-app.hf.space\",\"subdomain\":\"other\"",
            "https://me-app.hf.space" as String?
        ),
        (
            "\"runtime\":{\"stage\":\"RUNNING\",\"domains\":[{\"domain\":\"x.org\",\"isCustom\":true},{\"domain\":\"a.hf.space\"}]}",
            "https://a.hf.space"
        ),
        ("\"host\":\"http://me-app.localhost:7860\"", "http://me-app.localhost:7860"), ("\"likes\":0", nil),
    ])
    func `the app URL is the one that the Hub returns`(_ fields: String, _ url: String?) async throws {
        let scene = try Scene([.request, json("{\"sha\":\"\(sha)\",\"private\":true,\(fields)}")])
        let info = try await scene.space.info()
        #expect(info.appURL == url)
        #expect((info.sha, info.isPrivate) == (ObjectID(sha), true))
    }

    @Test(arguments: [
        (false, "POST /api/spaces/me/app/restart HTTP"),
        (true, "POST /api/spaces/me/app/restart?factory=true HTTP"),
    ])
    func `a factory restart has a query parameter`(_ factory: Bool, _ line: String) async throws {
        let scene = try Scene([.request, json("{\"stage\":\"BUILDING\"}")])
        #expect(try await scene.space.restart(factory: factory).stage == .building)
        #expect(scene.server.connections[0].hasPrefix(line))
    }
}

import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

struct RobustnessTests {
    @Test func `no request body or query causes an internal server error`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let bodies: [JSON] = [
                .null, [], "x", 1e300.json, ["name": 7], ["key": [], "value": [:]],
                ["files": [["path": "../x"]]],
                ["type": "space", "name": "a--b", "sdk": "docker"], ["seconds": 1e300.json],
                ["objects": [[:]]],
            ]
            let spacePath = "/api/spaces/me/demo"
            let routes = [
                ("POST", "/api/repos/create"), ("POST", "/api/repos/move"), ("POST", "/api/validate-yaml"),
                ("POST", spacePath + "/variables"), ("POST", spacePath + "/secrets"),
                ("POST", spacePath + "/hardware"),
                ("POST", spacePath + "/sleeptime"), ("POST", spacePath + "/commit/main"),
                ("POST", spacePath + "/preupload/main"),
                ("POST", spacePath + "/duplicate"), ("PUT", spacePath + "/settings"),
                ("PUT", spacePath + "/volumes"),
                ("POST", spacePath + "/branch/-x"), ("POST", "/spaces/me/demo.git/info/lfs/objects/batch"),
                ("POST", "/spaces/me/demo.git/info/lfs/verify"), ("POST", "/spaces/me/demo/git-upload-pack"),
                ("POST", "/spaces/me/demo/git-receive-pack"), ("POST", spacePath + "/paths-info/main"),
            ]
            for (method, path) in routes {
                for body in bodies {
                    let reply = try await hub.ask(method, path, body)
                    #expect(reply.status != 500, "\(method) \(path) \(body.text): \(reply.text)")
                }
            }
            for query in [
                "/tree/main?limit=-1&cursor=9223372036854775807", "/commits/main?p=9223372036854775807",
                "/commits/main?limit=-9223372036854775808", "/logs/build?tail=-9223372036854775808",
                "/tree/main/../../etc", "/tree/--help", "/revision/%2e%2e", "/tree/main/%2e%2e/x",
            ] {
                #expect(try await hub.ask("GET", spacePath + query).status != 500, "\(query)")
            }
        }
    }

    @Test func `a push over 1 MiB is sent in chunks and accepted`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            try await hub.clone("me/demo")
            var random = SystemRandomNumberGenerator()
            let text = (0..<250_000).map { _ in String(random.next() as UInt64, radix: 36) }.joined(
                separator: "\n")
            let pushed = try await hub.push(["big.txt": text])
            #expect(pushed.status == 0, "\(pushed)")
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            #expect(requests.contains { ($0["request_bytes"].int ?? 0) > 1 << 20 })
        }
    }

    @Test func `many Spaces can be created and pushed to at the same time`() async throws {
        try await Rehearsal.run { hub in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        try await hub.create("s\(index)")
                        try await hub.clone("me/s\(index)", to: "w\(index)")
                        let pushed = try await hub.push(["Dockerfile": "FROM a\n"], in: "w\(index)")
                        #expect(pushed.status == 0, "\(pushed)")
                        try await hub.waitFor("RUNNING", of: "me/s\(index)")
                    }
                }
                try await group.waitForAll()
            }
            let pushes = hub.folder.url.appendingPathComponent("root/pushes").path
            let isEmpty = try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: pushes).isEmpty
            }
            #expect(isEmpty)
        }
    }
}

extension Double {
    fileprivate var json: JSON { .number(self) }
}

import Foundation
import TestSupport
import Testing
import TextTools

@testable import LocalHub

struct MultipartTests {
    private let big = Data.sample(250), small = Data.sample(30)

    private func rehearse(_ work: (Rehearsal) async throws -> Void) async throws {
        try await Rehearsal.run {
            $0.partSize = 100
        } _: { hub in
            try await hub.create("demo")
            try await work(hub)
        }
    }

    @Test func `a large object is uploaded in parts and available after completion`() async throws {
        try await rehearse { hub in
            let reply = try await hub.batch("upload", [big])
            #expect(reply.json["transfer"] == "multipart")
            let actions = try await hub.actions("upload", big), upload = actions["upload"]
            #expect(
                Set(upload["header"].object?.keys.map { $0 } ?? []) == [
                    "chunk_size", "00001", "00002", "00003",
                ])
            #expect(upload["header"]["chunk_size"] == "100")
            let parts = try await hub.putParts(of: big, upload)
            #expect(parts.allSatisfy { $0["etag"].string?.hasPrefix("\"") ?? false })
            #expect(try await !hub.holds(big), "parts are no object")
            #expect(try await hub.complete(big, upload, parts).status == 200)
            #expect(try await hub.holds(big))
            #expect(try hub.leftovers().isEmpty)
            let verified = try await hub.follow(
                "POST", actions["verify"]["href"], Data(big.asObject.text.utf8),
                fields: ["X-Verify-Signature": actions["verify"]["header"]["X-Verify-Signature"].string ?? ""]
            )
            #expect(verified.status == 200)
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            let puts = requests.filter { $0["method"] == "PUT" }
            #expect(puts.map { $0["request_bytes"].int } == [100, 100, 50])
        }
    }

    @Test func `repeated and concurrent completions succeed and change nothing`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let parts = try await hub.putParts(of: big, upload)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await hub.complete(big, upload, parts).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [200, 200, 200, 200])
            #expect(try await hub.complete(big, upload, parts).status == 200)
            #expect(try await hub.holds(big))
        }
    }

    @Test func `a completion needs every part once, with its ETag`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let parts = try await hub.putParts(of: big, upload)
            func refused(_ parts: [JSON], _ expectedText: String) async throws {
                let reply = try await hub.complete(big, upload, parts)
                #expect(reply.status == 400)
                #expect(reply.json["error"].string?.contains(expectedText) ?? false, "\(reply.text)")
                #expect(reply.json["message"] == reply.json["error"])
            }
            try await refused([], "the parts 1 to 3")
            try await refused(Array(parts.dropLast()), "the parts 1 to 3")
            try await refused([parts[0], parts[1], parts[1]], "the parts 1 to 3")
            try await refused([parts[0], parts[1], ["partNumber": 4, "etag": "x"]], "the parts 1 to 3")
            try await refused(
                [parts[0], parts[1], ["partNumber": 3, "etag": "\"x\""]], "Part 3 has the ETag")
            try await refused([parts[0], parts[1], ["partNumber": 3]], "Part 3 has the ETag")
            #expect(try await !hub.holds(big))
            #expect(try await hub.complete(big, upload, parts.reversed()).status == 200)
        }
    }

    @Test func `an upload with missing parts or parts of the wrong length is not completed`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let short = try await hub.follow("PUT", upload["header"]["00001"], Data(big.prefix(99)))
            #expect(short.status == 400 && short.text.contains("<Code>IncompleteBody</Code>"))
            let last = try await hub.follow("PUT", upload["header"]["00003"], Data(big.prefix(100)))
            #expect(last.status == 400)
            let parts = (1...3).map { JSON.object(["partNumber": .int($0), "etag": "\"x\""]) }
            let reply = try await hub.complete(big, upload, parts)
            #expect(reply.status == 400 && reply.text.contains("Part 1 was not uploaded."))
        }
    }

    @Test func `parts with the wrong content are refused with a message, and can be uploaded again`()
        async throws
    {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let other = Data.sample(250, seed: 9)
            let wrong = try await hub.putParts(of: other, upload)
            let reply = try await hub.complete(big, upload, wrong)
            #expect(reply.status == 400)
            #expect(reply.text.contains("its SHA-256 is \(other.oid), not \(big.oid)"))
            let parts = try await hub.putParts(of: big, upload)
            #expect(try await hub.complete(big, upload, wrong).status == 400)
            #expect(try await hub.complete(big, upload, parts).status == 200)
            #expect(try await hub.holds(big))
        }
    }

    @Test func `a small object is one part next to a large one, and a basic upload alone`() async throws {
        try await rehearse { hub in
            let alone = try await hub.batch("upload", [small])
            #expect(alone.json["transfer"] == "basic")
            #expect(try await hub.batch("upload", [big], by: ["basic"]).json["transfer"] == "basic")
            #expect(try await hub.batch("download", [big]).json["transfer"] == "basic")
            let objects = try await hub.batch("upload", [big, small, Data()]).json["objects"].array ?? []
            let uploads = objects.map { $0["actions"]["upload"] }
            #expect(uploads.map { $0["header"].object?.count } == [4, 2, 1])
            for (object, upload) in zip([big, small, Data()], uploads) {
                let parts = try await hub.putParts(of: object, upload)
                #expect(try await hub.complete(object, upload, parts).status == 200)
                #expect(try await hub.holds(object))
            }
            #expect(try await hub.batch("upload", [big, small]).json["transfer"] == "basic")
        }
    }

    @Test func `two uploads of one object are independent`() async throws {
        try await rehearse { hub in
            let one = try await hub.actions("upload", big)["upload"]
            let two = try await hub.actions("upload", big)["upload"]
            let first = try await hub.putParts(of: Data.sample(250, seed: 1), one)
            let second = try await hub.putParts(of: big, two)
            #expect(try await hub.complete(big, one, first).status == 400)
            #expect(try await hub.complete(big, two, second).status == 200)
            #expect(try await hub.complete(big, one, first).status == 200, "the object is here")
            #expect(try hub.leftovers().isEmpty)
        }
    }

    @Test func `unfinished uploads are removed with their Space and when the Hub restarts`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            _ = try await hub.follow("PUT", upload["header"]["00001"], Data(big.prefix(100)))
            #expect(try hub.leftovers().count == 2)
            let options = HubOptions(root: hub.folder.url.appendingPathComponent("root"))
            await hub.hub.stop()
            let again = Rehearsal(folder: hub.folder, hub: try await HubServer.start(options))
            #expect(try hub.leftovers().isEmpty)
            _ = try await again.ask("DELETE", "/api/repos/delete", ["name": "demo", "type": "space"])
            #expect(try await again.batch("upload", [big]).status == 404)
            await again.hub.stop()
        }
    }

    @Test func `parts for a deleted Space get NoSuchBucket`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            _ = try await hub.ask("DELETE", "/api/repos/delete", ["name": "demo", "type": "space"])
            let part = try await hub.follow("PUT", upload["header"]["00001"], Data(big.prefix(100)))
            #expect(part.status == 404 && part.text.contains("NoSuchBucket"))
            #expect(try await hub.complete(big, upload, []).status == 404)
            #expect(!FileManager.default.fileExists(atPath: hub.folder.path + "/root/spaces/me/demo.git"))
        }
    }

    @Test func `a Space deleted during an upload leaves nothing behind`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let single = try await hub.actions("upload", small)["upload"]["href"]
            _ = try await hub.ask(
                "POST", "/_hub/faults", ["path": "/_lfs/", "slow_body": 15, "times": 2])
            async let part = hub.follow("PUT", upload["header"]["00003"], Data(big.suffix(50)))
            async let whole = hub.follow("PUT", single, small)
            _ = try await eventually { try hub.leftovers().count == 3 }
            _ = try await hub.ask("DELETE", "/api/repos/delete", ["name": "demo", "type": "space"])
            for reply in try await [part, whole] {
                #expect(reply.status == 404 && reply.text.contains("NoSuchBucket"), "\(reply.text)")
            }
            #expect(!FileManager.default.fileExists(atPath: hub.folder.path + "/root/spaces/me/demo.git"))
        }
    }
}

import Foundation
import TestSupport
import Testing
import TextTools

@testable import HTTP
@testable import LocalHub

struct LFSBatchTests {
    private let bytes = Data("hello".utf8)
    private let batchPath = "/spaces/me/demo.git/info/lfs/objects/batch"

    @Test func `an object is uploaded once and known afterwards`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let actions = try await hub.actions("upload", bytes)
            #expect(actions["upload"]["expires_in"] == 900)
            #expect(try await hub.follow("PUT", actions["upload"]["href"], bytes).status == 200)
            let known = try await hub.batch("upload", [bytes]).json["objects"].array?.first ?? .null
            #expect(known["actions"].isNull && known["error"].isNull)
            let verify = "/spaces/me/demo.git/info/lfs/verify"
            #expect(try await hub.ask("POST", verify, bytes.asObject).status == 200)
            #expect(try await hub.ask("POST", verify, bytes.asObject, token: "").status == 401)
            let longer: JSON = ["oid": .string(bytes.oid), "size": 6]
            #expect(try await hub.ask("POST", verify, longer).status == 422)
            for operation in ["upload", "download"] {
                let reply = try await hub.ask(
                    "POST", batchPath, ["operation": .string(operation), "objects": [longer]])
                let answer = reply.json["objects"].array?.first ?? .null
                #expect(answer["error"]["code"] == 422 && answer["actions"].isNull)
                #expect(answer["error"]["message"] == "Invalid object: it has 5 bytes, not 6")
            }
        }
    }

    @Test func `uploads need write access, and downloads need read access to the Space`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let missing = try await hub.batch("download", [bytes]).json["objects"].array?.first ?? .null
            #expect(missing["error"]["code"] == 404)
            let reader = try await hub.batch("upload", [bytes], token: "hf_read_x")
            #expect(reader.status == 403 && reader.json == ["message": "Authorization error."])
            let nobody = try await hub.batch("upload", [bytes], token: "")
            #expect(nobody.status == 401)
            #expect(nobody.fields["LFS-Authenticate"] == "Basic realm=\"Git LFS\"")
            let href = try await hub.actions("upload", bytes)["upload"]["href"]
            #expect(try await hub.follow("PUT", href, bytes).status == 200)
            for token in ["", "hf_read_x"] {
                let reply = try await hub.batch("download", [bytes], token: token)
                let link = reply.json["objects"].array?.first?["actions"]["download"]["href"] ?? .null
                #expect(try await hub.follow("GET", link).data == bytes)
            }
            _ = try await hub.ask("PUT", "/api/spaces/me/demo/settings", ["private": true])
            #expect(try await hub.batch("download", [bytes], token: "").status == 401)
            #expect(try await hub.batch("download", [bytes], token: "hf_read_x").status == 200)
        }
    }

    @Test func `an invalid batch is refused with a message`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let object = bytes.asObject
            let bodies: [(Int, String, JSON)] = [
                (409, "sha256", ["operation": "upload", "hash_algo": "md5", "objects": [object]]),
                (422, "operation", ["operation": "steal", "objects": [object]]),
                (422, "objects", ["operation": "upload"]),
                (422, "basic", ["operation": "upload", "transfers": ["xet"], "objects": [object]]),
                (422, "basic", ["operation": "download", "transfers": ["multipart"], "objects": [object]]),
                (
                    413, "1000",
                    [
                        "operation": "upload", "objects": .array(Array(repeating: object, count: 1001)),
                    ]
                ),
            ]
            for (status, expectedText, body) in bodies {
                let reply = try await hub.ask("POST", batchPath, body)
                #expect(
                    reply.status == status && reply.json["message"].string?.contains(expectedText) ?? false)
            }
            let endless: JSON = ["oid": .string(bytes.oid), "size": .int(1 << 62)]
            let reply = try await hub.ask(
                "POST", batchPath,
                ["operation": "upload", "transfers": ["multipart"], "objects": [endless, [:]]])
            let codes = reply.json["objects"].array?.map { $0["error"]["code"] }
            #expect(codes == [422, 422])
        }
    }

    @Test func `pushes and commits with a pointer need its object with the right size`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let href = try await hub.actions("upload", bytes)["upload"]["href"]
            #expect(try await hub.follow("PUT", href, bytes).status == 200)
            try await hub.clone("me/demo")
            let commitURL = hub.hub.url.absoluteString + "/api/spaces/me/demo/commit/main"
            for (size, status) in [(6, 400), (5, 200)] {
                let file: JSON = [
                    "path": "c.dat", "algo": "sha256", "oid": .string(bytes.oid), "size": .int(size),
                ]
                let body = JSON.object(["summary": "by HTTP", "lfsFiles": [file]])
                let reply = try await hub.follow(
                    "POST", .string(commitURL), Data(body.text.utf8),
                    fields: ["Authorization": "Bearer hf_me"])
                #expect(reply.status == status, "\(reply.text)")
                #expect((size == 5) != reply.text.contains("pointed to a file that does not exist"))
            }
            _ = try await hub.git("pull", "-q", in: "work")
            let missing = try await hub.push(["a.dat": HubLFSPointer(oid: bytes.oid, size: 6).file])
            #expect(
                missing.err.contains("an LFS pointer pointed to a file that does not exist"), "\(missing)")
            let found = try await hub.push(["a.dat": HubLFSPointer(oid: bytes.oid, size: 5).file])
            #expect(found.status != 0, "the commit before is still among what is pushed")
            _ = try await hub.git("reset", "--soft", "origin/main", in: "work")
            #expect(try await hub.push(["b": "c"]).status == 0)
            #expect(try await hub.ask("GET", "/spaces/me/demo/resolve/main/a.dat").text == "hello")
        }
    }

    @Test func `objects and upload links remain valid when their Space is moved`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let href = try await hub.actions("upload", bytes)["upload"]["href"]
            _ = try await hub.ask(
                "POST", "/api/repos/move", ["fromRepo": "me/demo", "toRepo": "me/new", "type": "space"])
            #expect(try await hub.follow("PUT", href, bytes).status == 200)
            #expect(try await hub.holds(bytes), "the old name leads to the new one")
        }
    }
}

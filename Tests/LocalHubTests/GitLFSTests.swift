import Foundation
import TestSupport
import Testing

@testable import LocalHub

@Suite(.enabled(if: Peer.gitLFS.isWanted, Comment(rawValue: Peer.gitLFS.word)))
struct GitLFSTests {
    @Test func `git-lfs pushes an object, and a fresh clone has its bytes`() async throws {
        _ = try Peer.gitLFS.found()
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            _ = try await hub.git("lfs", "install", "--skip-repo")
            try await hub.clone("me/demo")
            var bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            bytes.append(contentsOf: [0, 1, 2])
            try hub.folder.write("work/model.bin", bytes)
            let pushed = try await hub.push(["Dockerfile": "FROM a\n"])
            #expect(pushed.status == 0, "\(pushed)")
            #expect(!pushed.err.contains("hf_me"))
            let cloned = try await hub.git("clone", "-q", hub.remote("me/demo"), "again")
            #expect(cloned.status == 0, "\(cloned)")
            #expect(try hub.folder.read("again/model.bin") == bytes)
            let tree = try await hub.ask("GET", "/api/spaces/me/demo/tree/main").json.array ?? []
            #expect(tree.first { $0["path"] == "model.bin" }?["lfs"]["size"].int == bytes.count)
            let asked = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            #expect(
                asked.contains { $0["path"] == "/spaces/me/demo.git/info/lfs/verify" && $0["status"] == 200 })
            #expect(asked.contains { $0["method"] == "PUT" && $0["request_bytes"].int == bytes.count })
        }
    }
}

struct LFSTests {
    private let bytes = Data("hello".utf8)
    private let oid = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    private func batch(_ hub: Rehearsal, _ operation: String, token: String = "hf_me") async throws
        -> Rehearsal.Reply
    {
        try await hub.ask(
            "POST", "/spaces/me/demo.git/info/lfs/objects/batch",
            ["operation": .string(operation), "objects": [["oid": .string(oid), "size": 5]]], token: token)
    }

    private func put(_ hub: Rehearsal, _ href: String, _ data: Data) async throws -> Int {
        let path = href.replacingOccurrences(of: hub.hub.url.absoluteString, with: "")
        // `ask` sends JSON; the bytes go as they are here.
        return try await hub.upload(path, data)
    }

    @Test func `an object is taken once, whole, and by its own name alone`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let object = try await batch(hub, "upload").json["objects"].array?.first ?? .null
            let href = object["actions"]["upload"]["href"].string ?? ""
            #expect(try await put(hub, href, Data("jello".utf8)) == 400)
            #expect(try await put(hub, href, Data("hell".utf8)) == 400)
            #expect(
                try await put(hub, href.replacingOccurrences(of: "signature=", with: "signature=0"), bytes)
                    == 403)
            #expect(try await put(hub, href, bytes) == 200)
            let known = try await batch(hub, "upload").json["objects"].array?.first ?? .null
            #expect(known["actions"].isNull && known["error"].isNull)
            let verified = try await hub.ask(
                "POST", "/spaces/me/demo.git/info/lfs/verify", ["oid": .string(oid), "size": 5])
            #expect(verified.status == 200)
        }
    }

    @Test func `a download needs the object, an upload the right to write`() async throws {
        try await Rehearsal.run { hub in
            try await hub.create("demo")
            let lost = try await batch(hub, "download").json["objects"].array?.first ?? .null
            #expect(lost["error"]["code"] == 404)
            #expect(
                try await batch(hub, "upload", token: "hf_read_x").json["message"] == "Authorization error.")
            #expect(try await batch(hub, "upload", token: "").status == 401)
        }
    }
}

import Digest
import Foundation
import HTTP
import TestSupport
import Testing
import TextTools

@testable import LocalHub

extension Data {
    /// Returns binary test data that depends on the seed.
    static func sample(_ count: Int, seed: UInt8 = 7) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) ^ seed })
    }

    var oid: String { SHA256.hash(of: self).hex }
    var asObject: JSON { ["oid": .string(oid), "size": .int(count)] }
}

/// Requests of the LFS Batch API and its storage, for tests.
extension Rehearsal {
    func batch(
        _ operation: String, _ objects: [Data], by transfers: JSON = ["basic", "multipart"],
        token: String = "hf_me"
    ) async throws -> Reply {
        try await ask(
            "POST", "/spaces/me/demo.git/info/lfs/objects/batch",
            [
                "operation": .string(operation), "transfers": transfers,
                "objects": .array(objects.map(\.asObject)),
            ], token: token)
    }

    /// Returns the batch actions for one object, and expects that there are some.
    func actions(
        _ operation: String, _ object: Data, by transfers: JSON = ["basic", "multipart"]
    ) async throws -> JSON {
        let reply = try await batch(operation, [object], by: transfers)
        let actions = reply.json["objects"].array?.first?["actions"] ?? .null
        #expect(!actions.isNull, "\(reply.text)")
        return actions
    }

    /// Sends a request to a link without changes: the header has the given fields only, and no token.
    func follow(
        _ method: String, _ href: JSON, _ data: Data? = nil, fields: [String: String] = [:]
    ) async throws -> Reply {
        var request = HTTP.HTTPClientRequest(method, try #require(URL(string: href.string ?? "")))
        for (name, value) in fields { request.headers[name] = value }
        request.body = data.map { .bytes($0) } ?? .none
        return try await Reply(to: request)
    }

    /// Uploads all parts of a batch's upload action, and returns the `parts` of its completion request.
    func putParts(of object: Data, _ upload: JSON) async throws -> [JSON] {
        let size = Int(upload["header"]["chunk_size"].string ?? "") ?? 0
        let names = (upload["header"].object ?? [:]).keys.filter { $0 != "chunk_size" }.sorted()
        try #require(size > 0)
        var parts: [JSON] = []
        for (index, name) in names.enumerated() {
            let part = Data(object.dropFirst(index * size).prefix(size))
            let reply = try await follow("PUT", upload["header"][name], part)
            #expect(reply.status == 200, "\(reply.text)")
            let etag = reply.fields["ETag"] ?? ""
            parts.append(["partNumber": .int(index + 1), "etag": .string(etag)])
        }
        return parts
    }

    func complete(_ object: Data, _ upload: JSON, _ parts: [JSON]) async throws -> Reply {
        let body: JSON = ["oid": .string(object.oid), "parts": .array(parts)]
        return try await follow("POST", upload["href"], Data(body.text.utf8))
    }

    /// Returns whether the Hub has the object with all its bytes.
    func holds(_ object: Data) async throws -> Bool {
        let reply = try await batch("download", [object])
        guard let href = reply.json["objects"].array?.first?["actions"]["download"]["href"], !href.isNull
        else { return false }
        return try await follow("GET", href).data == object
    }

    /// Sends the bytes of a request unchanged, and returns the received bytes up to the end of the
    /// connection.
    func raw(_ text: String) async throws -> String {
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(hub.url.port ?? 0); cat >&3; cat <&3"
        return try await TestSupport.run(
            "/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], input: Data(text.utf8)
        ).out
    }

    /// Returns path and query of a link.
    func target(_ href: JSON) -> String {
        (href.string ?? "").replacingOccurrences(of: hub.url.absoluteString, with: "")
    }

    /// Returns the files of unfinished uploads in the Space's directory.
    func leftovers() throws -> [String] {
        let folder = folder.url.appendingPathComponent("root/spaces/me/demo.git/lfs/incoming").path
        return (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    }
}

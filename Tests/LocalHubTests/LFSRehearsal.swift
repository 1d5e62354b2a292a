import Digest
import Foundation
import HTTP
import TestSupport
import Testing
import TextTools

@testable import LocalHub

extension Data {
    /// Bytes that differ with the seed, and are no text.
    static func sample(_ count: Int, seed: UInt8 = 7) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) ^ seed })
    }

    var oid: String { SHA256.hash(of: self).hex }
    var asObject: JSON { ["oid": .string(oid), "size": .int(count)] }
}

/// What a test of LFS asks of the Hub.
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

    /// The actions for one object, which must have some.
    func actions(
        _ operation: String, _ object: Data, by transfers: JSON = ["basic", "multipart"]
    ) async throws -> JSON {
        let reply = try await batch(operation, [object], by: transfers)
        let actions = reply.json["objects"].array?.first?["actions"] ?? .null
        #expect(!actions.isNull, "\(reply.text)")
        return actions
    }

    /// Follows a link as it is: no token but for what the fields say.
    func follow(
        _ method: String, _ href: JSON, _ data: Data? = nil, fields: [String: String] = [:]
    ) async throws -> Reply {
        var request = HTTP.HTTPClientRequest(method, try #require(URL(string: href.string ?? "")))
        for (name, value) in fields { request.headers[name] = value }
        request.body = data.map { .bytes($0) } ?? .none
        return try await Reply(to: request)
    }

    /// Puts all parts that a batch's upload action names, and gives what its completion wants to hear.
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

    /// Whether the Hub has the object, with all its bytes.
    func holds(_ object: Data) async throws -> Bool {
        let reply = try await batch("download", [object])
        guard let href = reply.json["objects"].array?.first?["actions"]["download"]["href"], !href.isNull
        else { return false }
        return try await follow("GET", href).data == object
    }

    /// Sends a request as it is written, and gives all that comes back until the connection ends.
    func raw(_ text: String) async throws -> String {
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(hub.url.port ?? 0); cat >&3; cat <&3"
        return try await TestSupport.run(
            "/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], input: Data(text.utf8)
        ).out
    }

    /// Path and query of a link.
    func target(_ href: JSON) -> String {
        (href.string ?? "").replacingOccurrences(of: hub.url.absoluteString, with: "")
    }

    /// Files of LFS in the Space's folder that are no objects.
    func leftovers() throws -> [String] {
        let folder = folder.url.appendingPathComponent("root/spaces/me/demo.git/lfs/incoming").path
        return (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    }
}
